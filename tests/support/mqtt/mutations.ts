// What may become of a packet on its way or in a wrong client: bits that flip, bytes that are lost, put in or doubled, lengths
// and identifiers of properties that are others. Most keep the packet's own length right, so that it is read to its end.
import type { Random } from '../random.js';
import type { WholePacket } from './every-packet.js';

type Mutation = (packet: WholePacket, random: Random, all: readonly WholePacket[]) => Buffer;

/** Where lengths and counts turn over. */
const EDGES = [0x00, 0x01, 0x7f, 0x80, 0xff];
/** MQTT 5.0, table 2-4, and some that are none. */
const PROPERTIES = [
  ...[0x00, 0x01, 0x02, 0x03, 0x04, 0x08, 0x09, 0x0b, 0x11, 0x12, 0x13, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a],
  ...[0x1c, 0x1f, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x7f, 0x80, 0xff],
];

function at(bytes: Buffer, random: Random): number {
  return random.int(Math.max(1, bytes.length));
}

function withByte(bytes: Buffer, where: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[where] = value;
  return changed;
}

function spliced(bytes: Buffer, where: number, deleted: number, put: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([bytes.subarray(0, where), put, bytes.subarray(where + deleted)]);
}

/** With the length that it has now, in one byte or two. */
function relength(bytes: Buffer): Buffer {
  const length = bytes.length - 2;
  if (length < 0) return bytes;
  return length < 128
    ? withByte(bytes, 1, length)
    : spliced(bytes, 1, 1, Buffer.from([(length & 0x7f) | 0x80, length >> 7]));
}

const MUTATIONS: readonly Mutation[] = [
  ({ bytes }, random) => {
    const where = at(bytes, random);
    return withByte(bytes, where, (bytes[where] ?? 0) ^ (1 << random.int(8)));
  },
  ({ bytes }, random) => withByte(bytes, at(bytes, random), random.int(256)),
  ({ bytes }, random) => withByte(bytes, at(bytes, random), random.of(EDGES)),
  ({ bytes }, random) => {
    const where = at(bytes, random);
    return withByte(bytes, where, (bytes[where] ?? 0) + (random.int(2) === 0 ? 1 : -1));
  },
  ({ bytes }, random) => bytes.subarray(0, at(bytes, random)),
  ({ bytes }, random) => relength(bytes.subarray(0, 2 + random.int(Math.max(1, bytes.length - 2)))),
  ({ bytes }, random) => relength(spliced(bytes, 2 + at(bytes.subarray(2), random), 1 + random.int(4))),
  ({ bytes }, random) => {
    const put = Buffer.from(Array.from({ length: 1 + random.int(4) }, () => random.int(256)));
    return relength(spliced(bytes, 2 + at(bytes.subarray(2), random), 0, put));
  },
  ({ bytes }, random) => {
    const where = at(bytes, random);
    return relength(spliced(bytes, where, 0, bytes.subarray(where, where + 1 + random.int(12))));
  },
  ({ bytes }) => Buffer.concat([bytes, bytes]),
  ({ bytes }, random) => withByte(bytes, 1, random.int(256)),
  ({ bytes }, random, all) => relength(Buffer.concat([bytes, random.of(all).bytes])),
  ({ bytes }, random, all) => Buffer.concat([bytes.subarray(0, at(bytes, random)), random.of(all).bytes]),
];

/** Lengths that are announced and never come, as large as can be: rare, as nothing is read behind them. */
const endless: Mutation = ({ bytes }, random) =>
  spliced(bytes, 1, 1, Buffer.from([0xff, 0xff, 0xff, random.of([0x7f, 0xff, 0x01])]));

const OF_PROPERTIES: readonly Mutation[] = [
  (packet, random) => withByte(packet.bytes, random.of(packet.propertiesAt), random.of(PROPERTIES)),
  // Their length is the byte before the first; it may be any, as it is of a packet with two sections.
  ({ bytes, propertiesAt }, random) => withByte(bytes, random.of(propertiesAt) - 1, random.int(256)),
  ({ bytes, propertiesAt }, random) => {
    const where = random.of(propertiesAt);
    const [start = 0] = propertiesAt;
    const twice = bytes.subarray(where, propertiesAt.find((one) => one > where) ?? where + 4);
    const longer = withByte(bytes, start - 1, (bytes[start - 1] ?? 0) + twice.length);
    return relength(spliced(longer, start, 0, twice));
  },
];

/** Another letter in a topic, a filter, a payload, a property: what mostly is a good packet, so that those behind it are read. */
function otherLetters(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const letters = [...bytes.keys()].filter((where) => where > 3 && isLetter(bytes[where] ?? 0));
  for (let count = 1 + random.int(3); count > 0 && letters.length > 0; count--)
    changed[random.of(letters)] = A + random.int(LETTERS);
  return changed;
}

const [A, LETTERS] = [0x61, 26];

function isLetter(byte: number): boolean {
  return byte >= A && byte < A + LETTERS;
}

/** One packet of all with one mutation, or with a second one of what the first has made. */
export function mutated(random: Random, all: readonly WholePacket[]): Buffer {
  const packet = random.of(all);
  if (random.int(200) === 0) return endless(packet, random, all);
  if (random.int(2) === 0) return otherLetters(packet.bytes, random);
  const hasProperties = packet.propertiesAt.length > 0 && random.int(3) === 0;
  const once = random.of(hasProperties ? OF_PROPERTIES : MUTATIONS)(packet, random, all);
  if (random.int(4) !== 0 || once.length < 3) return once;
  return random.of(MUTATIONS)({ bytes: once, propertiesAt: [] }, random, all);
}
