// Publishes what comes by the short way (publish-lane.ts).
import type { Aedes, Client } from 'aedes';
import { speaksVersion5 } from '../mqtt/aedes-client.js';
import type { ClientIntake } from '../intake/client.js';
import type { Emitter } from './emitter.js';
import type { ParsedProperties } from '../mqtt/message-properties.js';
import type { PacketOfAedes, StoredPacket } from '../mqtt/packet.js';
import type { LaneProperties, LanePublish } from './publish-lane.js';

type Publisher = Aedes & { publish(packet: PacketOfAedes, client: Client, done: () => void): void };

export class DirectPublish {
  readonly #intake: ClientIntake;
  readonly #emitter: Emitter;
  readonly #lifeMs: () => number;

  /** `lifeMs`: the broker's time, by which messages expire. */
  constructor(intake: ClientIntake, emitter: Emitter, lifeMs: () => number) {
    this.#intake = intake;
    this.#emitter = emitter;
    this.#lifeMs = lifeMs;
  }

  /** False when it has to wait for something, or must not be published. */
  take(aedes: Aedes, client: Client, publish: LanePublish): boolean {
    const { topic, payload, qos, messageId, properties, frame } = publish;
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
      frame: qos0 ? { bytes: frame, isVersion5: speaksVersion5(client) } : undefined,
    };
    if (qos0) {
      this.#give(packet, properties);
      this.#emitter.emitStored(packet);
      return true;
    }
    if (properties.parsed !== undefined) this.#giveParsed(packet, properties.parsed);
    // aedes numbers it, and queues it for sessions whose clients are away.
    (aedes as Publisher).publish(packet, client, ignore);
    // Behind the message: whoever waits for that should not wait for this to be written as well.
    client.conn.write(pubackOf(messageId));
    return true;
  }

  /** For aedes, which hands them on as they were parsed. */
  #giveParsed(packet: PacketOfAedes, properties: ParsedProperties): void {
    packet.properties = properties;
    packet.messageExpiry = this.#endOf(properties);
  }

  #give(packet: StoredPacket, { parsed, message, bytes }: LaneProperties): void {
    if (parsed === undefined) return;
    packet.properties = message;
    packet.expiresMs = this.#endOf(parsed);
    if (packet.expiresMs === undefined) packet.propertyBytes = bytes;
  }

  #endOf({ messageExpiryInterval: seconds }: ParsedProperties): number | undefined {
    return seconds === undefined ? undefined : this.#lifeMs() + seconds * 1000;
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
