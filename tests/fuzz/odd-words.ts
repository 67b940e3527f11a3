// What an odd client says, in the version of MQTT that it drew: packets of 3.1.1, or of 5 with the properties that change
// what the broker does.
import {
  connectPacket,
  publishPacket,
  subscribePacket,
  unsubscribePacket,
  type RawPublish,
} from '../support/mqtt/raw-mqtt.js';
import type { Random } from '../support/random.js';

const FILTERS = [
  '#',
  'fuzz/#',
  'fuzz/+',
  'iot/#',
  'fuzz/large',
  '$SYS/#',
  '$share/odd/fuzz/#',
  '$share/odd/#',
];

/** MQTT 5.0, table 2-4. */
const PROPERTY = {
  expiry: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlationData: 0x09,
  subscriptionId: 0x0b,
  sessionExpiry: 0x11,
  willDelay: 0x18,
  receiveMaximum: 0x21,
  aliasMaximum: 0x22,
  alias: 0x23,
  userProperty: 0x26,
  packetSize: 0x27,
} as const;

export class OddWords {
  readonly #chance: Random;
  readonly #version: 4 | 5;

  constructor(chance: Random) {
    this.#chance = chance;
    this.#version = chance.int(2) === 0 ? 4 : 5;
  }

  qos(): 0 | 1 | 2 {
    return this.#chance.int(3) as 0 | 1 | 2;
  }

  hello(): Buffer {
    const number = (below: number): number => this.#chance.int(below);
    const id = `odd-${String(number(6))}`;
    const properties = this.#some([
      [PROPERTY.sessionExpiry, 0, 0, 0, number(4)],
      [PROPERTY.receiveMaximum, 0, 1 + number(3)],
      [PROPERTY.packetSize, 0, 0, 1 + number(8), 0],
      [PROPERTY.aliasMaximum, 0, number(5)],
    ]);
    const will = {
      ...{ topic: 'fuzz/will', text: id, qos: this.qos(), retain: number(2) === 0 },
      properties: this.#some([[PROPERTY.willDelay, 0, 0, 0, number(3)], this.#expiry()]),
    };
    return connectPacket(id, {
      ...{ clean: number(2) === 0, keepAliveS: number(4), version: this.#version, properties },
      ...(number(2) === 0 ? { will } : {}),
    });
  }

  publish(publish: RawPublish): Buffer {
    if (this.#version === 4) return publishPacket(publish);
    const properties = this.#some([
      this.#expiry(),
      [PROPERTY.contentType, ...text('text/plain')],
      [PROPERTY.responseTopic, ...text(this.#chance.of(['fuzz/answers', 'iot/x', '#', '']))],
      [PROPERTY.correlationData, 0, 2, 0, 255],
      [PROPERTY.userProperty, ...text('a'), ...text('b'), PROPERTY.userProperty, ...text('a'), ...text('c')],
    ]);
    // A topic without a name is the one that the alias had before.
    const aliased = this.#chance.int(4) === 0 ? [PROPERTY.alias, 0, this.#chance.int(34)] : [];
    const topic = aliased.length > 0 && this.#chance.int(2) === 0 ? '' : publish.topic;
    return publishPacket({ ...publish, topic, properties: [...properties, ...aliased] });
  }

  subscribe(): Buffer {
    const filter = this.#chance.of(FILTERS);
    const id = 1 + this.#chance.int(9);
    if (this.#version === 4) return subscribePacket(filter, this.qos(), id);
    // QoS, No Local, Retain As Published, Retain Handling.
    const options = this.qos() | (this.#chance.int(4) << 2) | (this.#chance.int(3) << 4);
    return subscribePacket(
      filter,
      options,
      id,
      this.#some([[PROPERTY.subscriptionId, 1 + this.#chance.int(100)]]),
    );
  }

  unsubscribe(): Buffer {
    const filter = this.#chance.of(FILTERS);
    return unsubscribePacket(filter, 1 + this.#chance.int(9), this.#version === 4 ? undefined : []);
  }

  goodbye(): Buffer {
    if (this.#version === 4 || this.#chance.int(2) === 0) return Buffer.from([0xe0, 0]);
    const reason = this.#chance.of([0, 4]);
    return Buffer.from([0xe0, 7, reason, 5, PROPERTY.sessionExpiry, 0, 0, 0, this.#chance.int(4)]);
  }

  #expiry(): number[] {
    return [PROPERTY.expiry, 0, 0, 0, this.#chance.int(3)];
  }

  /** Each of them, or not. */
  #some(properties: readonly (readonly number[])[]): number[] {
    return properties.filter(() => this.#chance.int(2) === 0).flat();
  }
}

function text(value: string): number[] {
  const bytes = Buffer.from(value);
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
}
