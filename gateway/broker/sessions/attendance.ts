// Whose client is there and whose is not, and for how long: what grows old with absence.
import type { Aedes } from 'aedes';
import { isTakenOver } from '../mqtt/aedes-client.js';
import type { Away, ExpiringStore } from './expiry.js';
import type { Fact } from './fact.js';
import type { IncomingMessages } from './incoming-messages.js';
import type { Lifetime } from './lifetime.js';
import type { OutgoingMessages } from './outgoing-messages.js';
import type { ClientRef } from './persistence-state.js';
import type { SessionRoom } from './room.js';
import type { Sessions } from './sessions.js';

export interface AttendanceParts {
  readonly sessions: Sessions;
  readonly room: SessionRoom;
  readonly lifetime: Lifetime;
  readonly isConnected: (clientId: string) => boolean;
  readonly retained: { over(): readonly string[] };
  readonly queues: Pick<OutgoingMessages, 'passOn'>;
  readonly incoming: Pick<IncomingMessages, 'forget'>;
  readonly decide: (fact: Fact) => void;
}

export class Attendance implements ExpiringStore {
  readonly #parts: AttendanceParts;

  constructor(parts: AttendanceParts) {
    this.#parts = parts;
  }

  /** Hears who comes and goes. */
  listen(aedes: Aedes): void {
    aedes.on('client', (client) => {
      this.arrived(client.id);
      // It takes up a session that ends with this connection: until then it is one like all others.
      if (this.#parts.sessions.get(client.id)?.isPersistent === true) Object.assign(client, { clean: false });
      this.keepFor(client);
    });
    aedes.on('clientDisconnect', (client) => {
      // Said with the goodbye, it may be another [MQTT-3.14.2-2].
      this.keepFor(client);
      // Who takes over goes on with the session.
      if (!isTakenOver(aedes, client.id)) this.left(client.id);
      if (client.clean) this.#parts.incoming.forget(client.id);
    });
  }

  /** Notes how long the client's session lasts without it, once there is something to keep. */
  keepFor(client: ClientRef): void {
    const { sessions, decide } = this.#parts;
    const session = sessions.get(client.id);
    const ms = keptForMs(client);
    if (session?.isPersistent === true && session.keptForMs !== ms)
      decide(['keptFor', client.id, ms ?? null]);
  }

  /** The client has connected. */
  arrived(clientId: string): void {
    const { sessions, decide } = this.#parts;
    if (sessions.get(clientId)?.awaySinceMs !== undefined) decide(['back', clientId]);
  }

  /** The client's connection has ended. */
  left(clientId: string): void {
    const { sessions, room, lifetime, decide } = this.#parts;
    const session = sessions.get(clientId);
    if (session?.isPersistent !== true || session.awaySinceMs !== undefined) return;
    if (session.keptForMs === 0) decide(['forgotten', clientId]);
    else {
      decide(['away', clientId, lifetime.now()]);
      this.#parts.queues.passOn(clientId, 'unsent');
    }
    // While they are connected there may be more than the limit.
    room.forSession();
  }

  /** Notes that the broker lives, by which what waits grows older over a restart, and who is there. */
  alive(): void {
    const { sessions, lifetime, isConnected, decide } = this.#parts;
    const all = [...sessions.persistent()];
    if (all.length === 0) return;
    decide(['alive', lifetime.now(), lifetime.wallMs()]);
    for (const { clientId } of all)
      if (isConnected(clientId)) this.arrived(clientId);
      else this.left(clientId);
  }

  *away(): Generator<Away> {
    const { sessions, lifetime, isConnected } = this.#parts;
    const now = lifetime.now();
    for (const { clientId, awaySinceMs, keptForMs = Infinity } of sessions.persistent())
      if (!isConnected(clientId)) yield { clientId, awayMs: now - (awaySinceMs ?? now), keptForMs };
  }

  expireSession(clientId: string): void {
    this.#parts.decide(['forgotten', clientId]);
  }

  expireRetained(): void {
    const { retained, decide } = this.#parts;
    for (const topic of retained.over()) decide(['unretained', topic]);
  }

  expireQueued(olderThanMs: number): void {
    const { sessions, room, lifetime, isConnected } = this.#parts;
    const before = lifetime.now() - olderThanMs;
    for (const { clientId, queue } of [...sessions.persistent()]) {
      room.drop(clientId, [...queue.over(lifetime.now())]);
      if (!isConnected(clientId)) room.drop(clientId, [...queue.olderThan(before)]);
    }
  }
}

/** MQTT 5.0 §3.1.2.11.2: as many seconds never end. */
const NEVER_S = 0xffff_ffff;

function keptForMs({ version, sessionExpiryInterval: seconds }: ClientRef): number | undefined {
  if (version !== 5 || seconds === undefined) return undefined;
  return seconds >= NEVER_S ? undefined : seconds * 1000;
}
