// One of each packet that a client may send, in each of its shapes, with everything that may be in it, and where in it stand
// the identifiers of properties: what tests mutate.
import { text } from './raw-mqtt.js';

export interface WholePacket {
  readonly bytes: Buffer;
  /** Where identifiers of properties stand. */
  readonly propertiesAt: readonly number[];
}

class Properties {
  readonly each: readonly Buffer[];

  constructor(each: readonly Buffer[]) {
    this.each = each;
  }
}

const byte = (...bytes: readonly number[]): Buffer => Buffer.from(bytes);
const two = (value: number): Buffer => byte(value >> 8, value & 0xff);
const [REMAINING_BYTES, MOST_IN_A_BYTE] = [1, 127];

/** Of fewer than 128 bytes, and as few of each section of properties. */
function whole(first: number, ...parts: readonly (Buffer | Properties)[]): WholePacket {
  const propertiesAt: number[] = [];
  let body = Buffer.alloc(0);
  for (const part of parts) {
    const pieces = part instanceof Properties ? part.each : [];
    const section = Buffer.concat(pieces);
    if (part instanceof Properties) body = Buffer.concat([body, byte(section.length)]);
    for (const piece of pieces) {
      propertiesAt.push(1 + REMAINING_BYTES + body.length);
      body = Buffer.concat([body, piece]);
    }
    if (!(part instanceof Properties)) body = Buffer.concat([body, part]);
  }
  if (body.length > MOST_IN_A_BYTE) throw new Error(`${String(body.length)} bytes are too many`);
  return { bytes: Buffer.concat([byte(first, body.length), body]), propertiesAt };
}

const of = (...each: readonly Buffer[]): Properties => new Properties(each);
const named = (id: number, value: string): Buffer => Buffer.concat([byte(id), text(value)]);
const pair = (name: string, value: string): Buffer => Buffer.concat([byte(0x26), text(name), text(value)]);

/** MQTT 5.0, table 2-4. */
const EXPIRY = byte(0x02, 0, 0, 0, 9);
const SESSION_EXPIRY = byte(0x11, 0, 0, 0, 60);
const RECEIVE_MAXIMUM = byte(0x21, 0, 2);
const PACKET_SIZE = byte(0x27, 0, 0, 0, 100);
const ALIAS_MAXIMUM = byte(0x22, 0, 3);
const REQUESTS = byte(0x19, 1, 0x17, 1);
const METHOD = Buffer.concat([named(0x15, 'SCRAM'), named(0x16, 'data')]);
const ALIAS = byte(0x23, 0, 1);
const REASON_TEXT = named(0x1f, 'why');
const ANSWER = Buffer.concat([named(0x08, 'me/answers'), named(0x09, 'two')]);
const CONTENT = Buffer.concat([byte(0x01, 1), named(0x03, 'text/plain')]);

/** The protocol's name, version, flags and 60 s of keep-alive. */
const head = (version: 4 | 5, flags: number): Buffer =>
  Buffer.concat([text('MQTT'), byte(version, flags, 0, 60)]);

const WILL = of(byte(0x18, 0, 0, 0, 1), byte(0x01, 1), EXPIRY, pair('a', 'b'));
const LOGIN = Buffer.concat([text('someone'), text('secret')]);

/** What lets its client in; as another of few ids, or as the one that the server gives it. */
export function connectsOf(version: 4 | 5, id: string): readonly WholePacket[] {
  const name = text(id);
  const will = [text('a/will'), text('gone')];
  if (version === 4)
    return [
      whole(0x10, head(4, 0x02), name),
      whole(0x10, head(4, 0x00), name),
      whole(0x10, head(4, 0x2e), name, ...will),
      whole(0x10, head(4, 0xc2), name, LOGIN),
    ];
  return [
    whole(0x10, head(5, 0x02), of(), name),
    whole(0x10, head(5, 0x02), of(), text('')),
    whole(0x10, head(5, 0x00), of(SESSION_EXPIRY, ALIAS_MAXIMUM, RECEIVE_MAXIMUM), name),
    whole(0x10, head(5, 0x02), of(PACKET_SIZE, REQUESTS, pair('a', 'b')), name),
    whole(0x10, head(5, 0x2c), of(SESSION_EXPIRY, pair('a', 'b'), pair('a', 'c')), name, WILL, ...will),
    whole(0x10, head(5, 0xc6), of(RECEIVE_MAXIMUM), name, WILL, ...will, LOGIN),
  ];
}

const SUBSCRIBED = ['a/b', 'a/+', '#', '$share/g/a/b', '$share/g/#'];

function publishesOf5(): readonly WholePacket[] {
  const [topic, id] = [text('a/b'), two(7)];
  return [
    whole(0x30, topic, of(), text('plain')),
    whole(0x31, topic, of(EXPIRY, CONTENT, pair('a', 'b')), text('kept')),
    whole(0x30, topic, of(ALIAS), text('named')),
    whole(0x30, text(''), of(ALIAS), text('by its name')),
    whole(0x32, topic, id, of(), text('once or more')),
    whole(0x32, text(''), id, of(ALIAS, EXPIRY), text('by its name')),
    whole(0x3b, topic, id, of(CONTENT, ANSWER, pair('a', 'b'), pair('a', 'c')), text('again')),
    whole(0x34, topic, two(8), of(EXPIRY, ANSWER), text('once')),
    whole(0x35, topic, two(9), of(ALIAS, CONTENT), text('once')),
  ];
}

function acknowledgementsOf5(): readonly WholePacket[] {
  const reasoned = of(REASON_TEXT, pair('a', 'b'));
  return [0x40, 0x50, 0x62, 0x70].flatMap((first) =>
    [1, 8].flatMap((id) => [
      whole(first, two(id)),
      whole(first, two(id), byte(first === 0x40 || first === 0x50 ? 0x10 : 0x92)),
      whole(first, two(id), byte(0), reasoned),
      whole(first, two(id), byte(0x80), reasoned),
    ]),
  );
}

export function packetsOf5(): readonly WholePacket[] {
  const identifier = byte(0x0b, 0x80, 0x01);
  return [
    // More of them than of the many acknowledgements.
    ...[1, 2, 3].flatMap(publishesOf5),
    ...acknowledgementsOf5(),
    ...SUBSCRIBED.map((filter) => whole(0x82, two(1), of(identifier), text(filter), byte(1))),
    whole(
      0x82,
      two(2),
      of(pair('a', 'b')),
      text('a/b'),
      byte(0x2e),
      text('a/#'),
      byte(0x16),
      text('c'),
      byte(0),
    ),
    ...SUBSCRIBED.map((filter) => whole(0xa2, two(3), of(pair('a', 'b')), text(filter), text('c'))),
    whole(0xc0),
    ...connectsOf(5, 'again'),
    whole(0xe0),
    whole(0xe0, byte(4), of(SESSION_EXPIRY, REASON_TEXT, pair('a', 'b'))),
    whole(0xf0),
    whole(0xf0, byte(0x18), of(METHOD, REASON_TEXT)),
    whole(0xf0, byte(0x19), of(METHOD)),
    whole(0x10, head(5, 0x02), of(METHOD, SESSION_EXPIRY), text('with a method')),
  ];
}

export function packetsOf4(): readonly WholePacket[] {
  const topic = text('a/b');
  return [
    whole(0x30, topic, text('plain')),
    whole(0x32, topic, two(7), text('once or more')),
    whole(0x3a, topic, two(7), text('again')),
    whole(0x35, topic, two(8), text('once')),
    ...[0x40, 0x50, 0x62, 0x70].flatMap((first) => [1, 7, 8].map((id) => whole(first, two(id)))),
    ...SUBSCRIBED.map((filter) => whole(0x82, two(1), text(filter), byte(2), text('c'), byte(1))),
    ...SUBSCRIBED.map((filter) => whole(0xa2, two(2), text(filter), text('c'))),
    whole(0xc0),
    whole(0xe0),
    ...connectsOf(4, 'again'),
  ];
}
