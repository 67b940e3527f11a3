// The properties that MQTT 5 gives to a message and that go with it to whoever gets it (§3.3.2.3): not those that belong to
// one connection (topic alias, subscription identifier), nor the expiry, which is counted down.

export type UserProperties = readonly (readonly [name: string, value: string])[];

export interface MessageProperties {
  readonly payloadFormatIndicator?: boolean | undefined;
  readonly contentType?: string | undefined;
  readonly responseTopic?: string | undefined;
  readonly correlationData?: Buffer | undefined;
  /** Name and value, in their order [MQTT-3.3.2-18]; a name may come more than once. */
  readonly userProperties?: UserProperties | undefined;
}

/** What is made of a PUBLISH's properties, or a will's: by mqtt-packet, and their user properties by intake/strict-reading.ts. */
export interface ParsedProperties extends MessageProperties {
  readonly messageExpiryInterval?: number | undefined;
}

/** MQTT 5.0, table 2-4. */
export const PAYLOAD_FORMAT = 0x01;
export const MESSAGE_EXPIRY = 0x02;
export const CONTENT_TYPE = 0x03;
export const RESPONSE_TOPIC = 0x08;
export const CORRELATION_DATA = 0x09;
export const USER_PROPERTY = 0x26;
const SUBSCRIPTION_IDENTIFIER = 0x0b;
const TOPIC_ALIAS = 0x23;

/** What one receiver gets beside the message's own. */
export interface OwnProperties {
  readonly expiryS?: number | undefined;
  readonly subscriptionIds?: readonly number[];
  readonly alias?: TopicAlias | undefined;
}

/** The short name that one client was given for a topic. */
export interface TopicAlias {
  readonly number: number;
  /** The client knows whose it is: the topic is left out. */
  readonly isKnown: boolean;
  /** As a property. */
  readonly bytes: Buffer;
}

export function aliasBytes(number: number): Buffer {
  return Buffer.from([TOPIC_ALIAS, number >> 8, number & 0xff]);
}

/** Copies: what was parsed lies in the chunk that it came in. */
export function messageProperties(parsed: ParsedProperties | undefined): MessageProperties | undefined {
  if (parsed === undefined) return undefined;
  const { payloadFormatIndicator, contentType, responseTopic, correlationData, userProperties } = parsed;
  const any = payloadFormatIndicator ?? contentType ?? responseTopic ?? correlationData ?? userProperties;
  if (any === undefined) return undefined;
  const properties: { -readonly [Name in keyof MessageProperties]: MessageProperties[Name] } = {};
  // One after the other: spread literals cost more than the rest of the delivery.
  if (payloadFormatIndicator !== undefined) properties.payloadFormatIndicator = payloadFormatIndicator;
  if (contentType !== undefined) properties.contentType = contentType;
  if (responseTopic !== undefined) properties.responseTopic = responseTopic;
  if (correlationData !== undefined) properties.correlationData = Buffer.from(correlationData);
  if (userProperties !== undefined) properties.userProperties = userProperties;
  return properties;
}

export const NOTHING = Buffer.alloc(0);

/** Bytes they cost in a store, near enough to bound it. */
export function propertiesSize(properties: MessageProperties | undefined): number {
  return properties === undefined ? 0 : encodedProperties(properties).length + 100;
}

/** Without their length. */
export function encodedOwn({ expiryS, subscriptionIds = [], alias }: OwnProperties): Buffer {
  if (expiryS === undefined && subscriptionIds.length === 0) return alias?.bytes ?? NOTHING;
  const parts: Buffer[] = [];
  if (expiryS !== undefined) parts.push(fourBytes(MESSAGE_EXPIRY, expiryS));
  if (alias !== undefined) parts.push(alias.bytes);
  for (const id of subscriptionIds) parts.push(Buffer.from([SUBSCRIPTION_IDENTIFIER, ...variableBytes(id)]));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

/** Without their length. */
export function encodedProperties(properties: MessageProperties): Buffer {
  const {
    payloadFormatIndicator,
    contentType,
    responseTopic,
    correlationData,
    userProperties = [],
  } = properties;
  const parts: Buffer[] = [];
  if (payloadFormatIndicator !== undefined)
    parts.push(Buffer.from([PAYLOAD_FORMAT, payloadFormatIndicator ? 1 : 0]));
  if (contentType !== undefined) parts.push(text(CONTENT_TYPE, contentType));
  if (responseTopic !== undefined) parts.push(text(RESPONSE_TOPIC, responseTopic));
  if (correlationData !== undefined) parts.push(binary(CORRELATION_DATA, correlationData));
  for (const [name, value] of userProperties)
    parts.push(Buffer.concat([text(USER_PROPERTY, name), lengthAndText(value)]));
  return Buffer.concat(parts);
}

/** MQTT 5.0 §1.5.5. */
export function variableBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest > 127;
    bytes.push((rest & 0x7f) | (more ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return bytes;
}

function fourBytes(code: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = code;
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

function text(code: number, value: string): Buffer {
  return Buffer.concat([Buffer.from([code]), lengthAndText(value)]);
}

function lengthAndText(value: string): Buffer {
  return lengthAndBytes(Buffer.from(value));
}

function binary(code: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([code]), lengthAndBytes(value)]);
}

function lengthAndBytes(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
