// Which member of a shared subscription gets a message: those that are there take turns, whoever takes it at once before
// those that are full, and who has the message by another filter anyway last; where nobody is there, a session that keeps it.
import type { QoS } from '../../../shared/ports.js';
import { remainingS } from '../mqtt/packet.js';
import type { StoredPacket } from '../mqtt/packet.js';
import { OutgoingMessage } from '../mqtt/publish-encoder.js';
import type { Candidate, GroupMembers } from '../sessions/group-members.js';
import { Routes } from './routes.js';
import type { Group, Receiver, Route } from './routes.js';

/** Groups are made up by clients: beyond this all begin their turns anew. */
const MOST_TURNS = 10_000;

export class Groups implements GroupMembers {
  readonly routes = new Routes();
  readonly #lifeMs: () => number;
  /** By payload, which aedes hands on as it is: what was chosen when the message was queued holds when it is handed out. */
  readonly #chosen = new WeakMap<object, Map<string, string>>();
  readonly #turns = new Map<string, number>();

  constructor(lifeMs: () => number) {
    this.#lifeMs = lifeMs;
  }

  choose(packet: StoredPacket, name: string, keeping: readonly Candidate[]): string | undefined {
    const route = this.routes.of(packet.topic);
    const chosen = this.#choose(packet, name, route, keeping);
    if (chosen !== undefined && typeof packet.payload !== 'string') {
      const choices = this.#chosen.get(packet.payload) ?? new Map<string, string>();
      this.#chosen.set(packet.payload, choices.set(name, chosen));
    }
    return chosen;
  }

  /** The member that is there and gets this message now. */
  receiver(packet: StoredPacket, group: Group, route: Route): Receiver | undefined {
    const choices = typeof packet.payload === 'string' ? undefined : this.#chosen.get(packet.payload);
    const chosen = choices?.get(group.name);
    if (chosen === undefined) return this.#present(packet, group, route);
    const receiver = group.members.find(({ delivery }) => delivery.client.id === chosen);
    // Its session has one copy of it.
    const hasIt = receiver?.delivery.client.clean === false && isReceiver(route, chosen);
    return hasIt ? undefined : receiver;
  }

  chooseOther(
    packet: StoredPacket,
    name: string,
    from: string | undefined,
    keeping: readonly Candidate[],
  ): string | undefined {
    return this.#choose(packet, name, this.routes.of(packet.topic), keeping, from);
  }

  send(packet: StoredPacket, name: string, clientId: string): void {
    const group = this.routes.of(packet.topic).groups.find((one) => one.name === name);
    const receiver = group?.members.find(({ delivery }) => delivery.client.id === clientId);
    if (receiver === undefined) return;
    const message = new OutgoingMessage(packet, packet.frame, remainingS(packet, this.#lifeMs()));
    receiver.delivery.send(packet, message, receiver.grant, name);
  }

  #choose(
    packet: StoredPacket,
    name: string,
    route: Route,
    keeping: readonly Candidate[],
    without?: string,
  ): string | undefined {
    const group = route.groups.find((one) => one.name === name);
    const present = group === undefined ? undefined : this.#present(packet, group, route, without);
    if (present !== undefined) return present.delivery.client.id;
    const others = keeping.filter(({ clientId }) => clientId !== without);
    return others[this.#turn(name) % others.length]?.clientId;
  }

  #present(packet: StoredPacket, group: Group, route: Route, without?: string): Receiver | undefined {
    const { members, name } = group;
    const first = this.#turn(name);
    const inTurn = members.map((_, index) => members[(first + index) % members.length]);
    const able = inTurn.filter(
      (member): member is Receiver =>
        member !== undefined &&
        member.delivery.client.id !== without &&
        member.delivery.mayGet(lower(packet.qos, member.grant.qos)),
    );
    const isFresh = ({ delivery }: Receiver): boolean => !isReceiver(route, delivery.client.id);
    const takesNow = ({ delivery }: Receiver): boolean => delivery.takesAtOnce;
    const fresh = able.filter(isFresh);
    return fresh.find(takesNow) ?? fresh[0] ?? able.find(takesNow) ?? able[0];
  }

  #turn(name: string): number {
    const turn = this.#turns.get(name) ?? 0;
    if (this.#turns.size >= MOST_TURNS) this.#turns.clear();
    this.#turns.set(name, turn + 1);
    return turn;
  }
}

function isReceiver({ receivers }: Route, clientId: string): boolean {
  return receivers.some(({ delivery }) => delivery.client.id === clientId);
}

function lower(one: QoS, other: QoS): QoS {
  return one < other ? one : other;
}
