// Which properties a client's packet may have, and what they may be (MQTT 5.0 §2.2.2 and the packets' own sections).
// mqtt-packet takes any property in any packet, and makes something of what is cut short or is not UTF-8.
import { BytesReader } from './bytes-reader.js';
import type { UserProperties } from './message-properties.js';
import { isTopicName } from './properties-reader.js';
import { BrokenRule } from './reasons.js';

type Value = number | string | Buffer | undefined;

interface Known {
  readonly name: string;
  readonly in: readonly string[];
  readonly read: (reader: BytesReader) => Value;
  readonly isAllowed?: (value: Value) => boolean;
}

const MESSAGE = ['publish', 'will'];
const ANSWERS = ['puback', 'pubrec', 'pubrel', 'pubcomp'];
const ALL = [...MESSAGE, ...ANSWERS, 'connect', 'subscribe', 'unsubscribe', 'disconnect', 'auth'];

const byte = (reader: BytesReader): Value => reader.byte();
const two = (reader: BytesReader): Value => reader.two();
const four = (reader: BytesReader): Value => reader.four();
const text = (reader: BytesReader): Value => reader.text();
const binary = (reader: BytesReader): Value => reader.binary();
const variable = (reader: BytesReader): Value => reader.variable();
const isFlag = (value: Value): boolean => value === 0 || value === 1;
const isNotZero = (value: Value): boolean => value !== 0;

const USER_PROPERTY = 0x26;

/** Table 2-4; those that only a server sends are not in it. */
const KNOWN: ReadonlyMap<number, Known> = new Map<number, Known>([
  [0x01, { name: 'Payload Format Indicator', in: MESSAGE, read: byte, isAllowed: isFlag }],
  [0x02, { name: 'Message Expiry Interval', in: MESSAGE, read: four }],
  [0x03, { name: 'Content Type', in: MESSAGE, read: text }],
  [
    0x08,
    {
      ...{ name: 'Response Topic', in: MESSAGE, read: text },
      isAllowed: (value) => typeof value === 'string' && isTopicName(value),
    },
  ],
  [0x09, { name: 'Correlation Data', in: MESSAGE, read: binary }],
  [
    0x0b,
    {
      ...{ name: 'Subscription Identifier', in: ['publish', 'subscribe'] },
      ...{ read: variable, isAllowed: isNotZero },
    },
  ],
  [0x11, { name: 'Session Expiry Interval', in: ['connect', 'disconnect'], read: four }],
  [0x15, { name: 'Authentication Method', in: ['connect', 'auth'], read: text }],
  [0x16, { name: 'Authentication Data', in: ['connect', 'auth'], read: binary }],
  [0x17, { name: 'Request Problem Information', in: ['connect'], read: byte, isAllowed: isFlag }],
  [0x18, { name: 'Will Delay Interval', in: ['will'], read: four }],
  [0x19, { name: 'Request Response Information', in: ['connect'], read: byte, isAllowed: isFlag }],
  [0x1f, { name: 'Reason String', in: [...ANSWERS, 'disconnect', 'auth'], read: text }],
  [0x21, { name: 'Receive Maximum', in: ['connect'], read: two, isAllowed: isNotZero }],
  [0x22, { name: 'Topic Alias Maximum', in: ['connect'], read: two }],
  // Which aliases there are is known behind the CONNACK, and has a code of its own.
  [0x23, { name: 'Topic Alias', in: ['publish'], read: two }],
  [USER_PROPERTY, { name: 'User Property', in: ALL, read: text }],
  [0x27, { name: 'Maximum Packet Size', in: ['connect'], read: four, isAllowed: isNotZero }],
]);

export interface CheckedProperties {
  /** What is wrong with them. */
  readonly rule?: BrokenRule;
  readonly userProperties: UserProperties;
}

/** Of the properties at the start of `bytes`, which go to the end of their packet. */
export function checkedProperties(bytes: Buffer, packet: string): CheckedProperties {
  const start = new BytesReader(bytes);
  const length = start.variable();
  const end = start.at + (length ?? 0);
  const userProperties: [string, string][] = [];
  if (length === undefined || end > bytes.length) {
    const rule = '[MQTT-2.2.2-1] a packet says how many bytes of properties it has';
    return { rule: new BrokenRule('malformed', rule), userProperties };
  }
  const reader = new BytesReader(bytes, start.at, end);
  const seen = new Set<number>();
  while (!reader.isAtEnd) {
    const next = checkedNext(reader, packet, seen);
    if (next instanceof BrokenRule) return { rule: next, userProperties };
    if (next !== undefined) userProperties.push(next);
  }
  return { userProperties };
}

/** A user property where it is one. */
function checkedNext(
  reader: BytesReader,
  packet: string,
  seen: Set<number>,
): BrokenRule | [string, string] | undefined {
  const id = reader.byte() ?? 0;
  const known = KNOWN.get(id);
  const where = packet.toUpperCase();
  if (known?.in.includes(packet) !== true) {
    const name = known?.name ?? `property 0x${id.toString(16)}`;
    return new BrokenRule('malformed', `MQTT 5.0 §2.2.2.2: there is no ${name} in ${where}`);
  }
  const { name, read, isAllowed } = known;
  if (seen.has(id))
    return new BrokenRule('protocolError', `MQTT 5.0 §2.2.2: the ${name} of ${where} comes once`);
  if (id !== USER_PROPERTY) seen.add(id);
  const value = read(reader);
  const second = id === USER_PROPERTY ? reader.text() : '';
  if (value === undefined || second === undefined)
    return new BrokenRule(
      'malformed',
      `MQTT 5.0 §2.2.2.2: the ${name} of ${where} is whole, and text is UTF-8 without U+0000`,
    );
  if (isAllowed?.(value) === false)
    return new BrokenRule(
      'protocolError',
      `MQTT 5.0 §2.2.2.2: the ${name} of ${where} has a value it may have`,
    );
  return id === USER_PROPERTY ? [String(value), second] : undefined;
}
