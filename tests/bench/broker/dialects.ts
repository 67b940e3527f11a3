// In which words the peers of a bench speak: MQTT 3.1.1, MQTT 5, and MQTT 5 with what it may put to a message.
import { publishPacket } from '../../support/mqtt/raw-mqtt.js';

export interface Dialect {
  readonly name: string;
  readonly version: 4 | 5;
  /** Of each PUBLISH; absent in 3.1.1. */
  readonly properties?: readonly number[];
  /** Of a subscriber's CONNECT. */
  readonly taken?: readonly number[];
  /** Of each message that a subscriber gets, and of the first of them, where they differ from those sent. */
  readonly gets?: { readonly first: readonly number[]; readonly then: readonly number[] };
}

const USER_PROPERTY = [0x26, 0, 3, 97, 98, 99, 0, 3, 100, 101, 102];
const ALIAS = [0x23, 0, 1];

export const PLAIN: Dialect = { name: '3.1.1', version: 4 };
export const FIVE: Dialect = { name: '5', version: 5, properties: [] };
export const WITH_PROPERTIES: Dialect = {
  name: '5, alias and user property',
  version: 5,
  properties: USER_PROPERTY,
  taken: [0x22, 0, 1],
  gets: { first: [...ALIAS, ...USER_PROPERTY], then: [...ALIAS, ...USER_PROPERTY] },
};

/** Bytes of so many messages to a subscriber: with an alias only the first has its topic. */
export function bytesOf(messages: number, { properties, gets }: Dialect, text: string, qos: 0 | 1): number {
  const lengthOf = (topic: string, own: readonly number[] | undefined): number =>
    publishPacket({ topic, text, qos, ...(own === undefined ? {} : { properties: own }) }).length;
  if (gets === undefined) return messages * lengthOf('bench', properties);
  return messages === 0 ? 0 : lengthOf('bench', gets.first) + (messages - 1) * lengthOf('', gets.then);
}
