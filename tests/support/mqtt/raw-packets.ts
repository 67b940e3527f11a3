// Takes what a broker sent apart, packet by packet, without a library that would tidy it up.
import { propertiesAt } from './raw-properties.js';
import type { RawProperty } from './raw-properties.js';

export interface RawPacket {
  /** MQTT 3.1.1, table 2.1: 2 CONNACK, 3 PUBLISH, 4 PUBACK … */
  readonly type: number;
  /** The four lower bits of the first byte. */
  readonly flags: number;
  readonly body: Buffer;
}

export interface ReceivedPublish {
  readonly topic: string;
  readonly text: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly id: number;
  /** Of version 5. */
  readonly properties: readonly RawProperty[];
}

/** The whole packets in `bytes`; what is cut off at the end is left out. */
export function packetsIn(bytes: Buffer): RawPacket[] {
  const packets: RawPacket[] = [];
  let at = 0;
  for (;;) {
    const first = bytes[at];
    const body = bodyAt(bytes, at + 1);
    if (first === undefined || body === undefined) return packets;
    packets.push({ type: first >> 4, flags: first & 15, body });
    at = body.byteOffset - bytes.byteOffset + body.length;
  }
}

export function publishesIn(bytes: Buffer, version: 4 | 5 = 4): ReceivedPublish[] {
  return packetsIn(bytes)
    .filter(({ type }) => type === 3)
    .map(({ flags, body }) => {
      const topicEnd = 2 + body.readUInt16BE(0);
      const qos = (flags >> 1) & 3;
      const idEnd = topicEnd + (qos === 0 ? 0 : 2);
      const { end, all } = version === 5 ? propertiesAt(body, idEnd) : { end: idEnd, all: [] };
      return {
        topic: body.toString('utf8', 2, topicEnd),
        text: body.toString('utf8', end),
        qos,
        retain: (flags & 1) === 1,
        dup: (flags & 8) === 8,
        id: qos === 0 ? 0 : body.readUInt16BE(topicEnd),
        properties: all,
      };
    });
}

function bodyAt(bytes: Buffer, at: number): Buffer | undefined {
  let length = 0;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** index;
    if (byte >= 0x80) continue;
    const start = at + index + 1;
    return start + length <= bytes.length ? bytes.subarray(start, start + length) : undefined;
  }
  return undefined;
}
