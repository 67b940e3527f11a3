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
    const qos0 = qos === 0;
    // One literal for both: a spread copy costs more than the rest of the delivery.
    const packet: StoredPacket = {
      cmd: 'publish',
      topic,
      payload,
      qos,
      retain: false,
      dup: false,
      clientId: client.id,
      frame: qos0 ? frame : undefined,
    };
    if (qos0) {
      this.#emitter.emit(packet);
      return true;
    }
    // aedes numbers it, and queues it for sessions whose clients are away.
    (aedes as Publisher).publish(packet, client, ignore);
    // Behind the message: whoever waits for that should not wait for this to be written as well.
    client.conn.write(pubackOf(messageId));
    return true;
  }
}

function pubackOf(messageId: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes[0] = 0x40;
  bytes[1] = 2;
  bytes.writeUInt16BE(messageId, 2);
  return bytes;
}

function ignore(): void {
  // aedes tells that it is done; what it would tell of errors goes to its 'error' event.
}
