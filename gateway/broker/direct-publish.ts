// Publishes what comes by the short way (publish-lane.ts).
import type { Aedes, Client } from 'aedes';
import type { ClientIntake } from './client-intake.js';
import type { Emitter } from './emitter.js';
import type { StoredPacket } from './packet.js';
import type { LanePublish } from './publish-lane.js';

type Publisher = Aedes & { publish(packet: StoredPacket, client: Client, done: () => void): void };

export class DirectPublish {
  readonly #intake: ClientIntake;
  readonly #emitter: Emitter;

  constructor(intake: ClientIntake, emitter: Emitter) {
    this.#intake = intake;
    this.#emitter = emitter;
  }

  /** False when it has to wait for something, or must not be published. */
  take(aedes: Aedes, client: Client, publish: LanePublish): boolean {
    const { topic, payload, qos, messageId, frame } = publish;
    if (!this.#intake.passes(client, topic, payload.length)) return false;
    const packet = { cmd: 'publish', topic, payload, qos, retain: false, dup: false, clientId: client.id };
    if (qos === 0) {
      this.#emitter.emit({ ...packet, frame });
      return true;
    }
    client.conn.write(Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]));
    // aedes numbers it, and queues it for sessions whose clients are away.
    (aedes as Publisher).publish(packet, client, ignore);
    return true;
  }
}

function ignore(): void {
  // aedes tells that it is done; what it would tell of errors goes to its 'error' event.
}
