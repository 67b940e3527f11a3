// The normative statements of MQTT 5.0, and packets of it written by hand.
import assert from 'node:assert/strict';
import { header } from '../../../support/mqtt/raw-mqtt.js';
import type { RawConnection } from '../../../support/mqtt/raw-mqtt.js';
import { propertiesAt } from '../../../support/mqtt/raw-properties.js';
import type { RawProperty } from '../../../support/mqtt/raw-properties.js';
import { answers, ofType, statementOf } from '../../../support/mqtt/statement.js';

export { answers, ofType, published, publishes, subscribe } from '../../../support/mqtt/statement.js';

export const statement = statementOf(5);

/** Types of packets. */
export const CONNACK = 2;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBACK = 9;
export const UNSUBACK = 11;
export const PINGRESP = 13;
export const DISCONNECT = 14;

export const PINGREQ = Buffer.from([0xc0, 0]);
export const NOT_UTF8 = Buffer.from([0, 2, 0xc3, 0x28]);

export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

export function packet(first: number, ...parts: readonly (Buffer | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([header(first, body.length), body]);
}

/** Its flags as they are given, and the fields behind its properties. */
export function connectWith(
  flags: number,
  properties: readonly number[],
  ...fields: readonly Buffer[]
): Buffer {
  return packet(0x10, text('MQTT'), [5, flags, 0, 60], [properties.length, ...properties], ...fields);
}

/** A DISCONNECT of a client. */
export function goodbye(reason = 0, properties: readonly number[] = []): Buffer {
  return packet(0xe0, [reason, properties.length, ...properties]);
}

export interface Connack {
  readonly flags: number;
  readonly reason: number;
  readonly properties: readonly RawProperty[];
}

export function connack(connection: RawConnection): Connack {
  const [first] = ofType(connection, CONNACK);
  assert.ok(first !== undefined, 'there is no CONNACK');
  const [flags = 0, reason = 0] = first.body;
  return { flags, reason, properties: propertiesAt(first.body, 2).all };
}

/** Of the DISCONNECT, or of the CONNACK that refuses; undefined where the connection ended without a word. */
export async function reasonOfEnd(connection: RawConnection): Promise<number | undefined> {
  await connection.untilClosed();
  const [word] = ofType(connection, DISCONNECT);
  if (word !== undefined) return word.body[0] ?? 0;
  const [refusal] = ofType(connection, CONNACK);
  return refusal?.body[1] === 0 ? undefined : refusal?.body[1];
}

/** Until all before it is done with: the server answers in order. */
export async function pinged(connection: RawConnection): Promise<void> {
  const before = ofType(connection, PINGRESP).length;
  connection.send(PINGREQ);
  await answers(connection, PINGRESP, before + 1);
}
