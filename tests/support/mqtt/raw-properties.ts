// The properties of MQTT 5 as bytes, and read back, without a library that would tidy them up (MQTT 5.0 §2.2.2).

/** Table 2-4. */
export const PROPERTY = {
  payloadFormat: 0x01,
  messageExpiry: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlationData: 0x09,
  subscriptionIdentifier: 0x0b,
  sessionExpiry: 0x11,
  assignedClientId: 0x12,
  serverKeepAlive: 0x13,
  authenticationMethod: 0x15,
  authenticationData: 0x16,
  requestProblemInformation: 0x17,
  willDelay: 0x18,
  requestResponseInformation: 0x19,
  responseInformation: 0x1a,
  reasonString: 0x1f,
  receiveMaximum: 0x21,
  topicAliasMaximum: 0x22,
  topicAlias: 0x23,
  userProperty: 0x26,
  maximumPacketSize: 0x27,
  sharedAvailable: 0x2a,
} as const;

type Name = keyof typeof PROPERTY;

export const oneByte = (name: Name, value: number): number[] => [PROPERTY[name], value];
export const twoBytes = (name: Name, value: number): number[] => [PROPERTY[name], value >> 8, value & 0xff];
export const fourBytes = (name: Name, value: number): number[] => [
  ...[PROPERTY[name], value >>> 24, (value >> 16) & 0xff],
  ...[(value >> 8) & 0xff, value & 0xff],
];

/** Strings, binary data, and the two strings of a user property. */
export const texts = (name: Name, ...values: readonly (string | readonly number[])[]): number[] => [
  PROPERTY[name],
  ...values.flatMap((value) => {
    const bytes = [...Buffer.from(value as string)];
    return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
  }),
];

export interface RawProperty {
  readonly id: number;
  /** A user property is both of its strings. */
  readonly value: number | string | readonly [string, string];
}

const ONE: readonly number[] = [0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2a];
const TWO: readonly number[] = [0x13, 0x21, 0x22, 0x23];
const FOUR: readonly number[] = [0x02, 0x11, 0x18, 0x27];

/** Where the section at `at` ends, and what is in it. */
export function propertiesAt(
  body: Buffer,
  at: number,
): { readonly end: number; readonly all: RawProperty[] } {
  const length = variable(body, at);
  const end = length.next + length.value;
  const all: RawProperty[] = [];
  for (let next = length.next; next < end;) {
    const one = propertyAt(body, next);
    all.push({ id: one.id, value: one.value });
    next = one.next;
  }
  return { end, all };
}

function propertyAt(body: Buffer, at: number): RawProperty & { readonly next: number } {
  const id = body.readUInt8(at);
  const start = at + 1;
  if (ONE.includes(id)) return { id, value: body.readUInt8(start), next: start + 1 };
  if (TWO.includes(id)) return { id, value: body.readUInt16BE(start), next: start + 2 };
  if (FOUR.includes(id)) return { id, value: body.readUInt32BE(start), next: start + 4 };
  if (id === PROPERTY.subscriptionIdentifier) return { id, ...variable(body, start) };
  const first = text(body, start);
  if (id !== PROPERTY.userProperty) return { id, ...first };
  const second = text(body, first.next);
  return { id, value: [first.value, second.value], next: second.next };
}

function text(body: Buffer, at: number): { readonly value: string; readonly next: number } {
  const next = at + 2 + body.readUInt16BE(at);
  return { value: body.toString('utf8', at + 2, next), next };
}

function variable(body: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let index = 0; ; index++) {
    const byte = body.readUInt8(at + index);
    value += (byte & 0x7f) * 128 ** index;
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
}

/** The values of one name. */
export function valuesOf(all: readonly RawProperty[], name: Name): RawProperty['value'][] {
  return all.filter(({ id }) => id === PROPERTY[name]).map(({ value }) => value);
}
