// Tells who speaks MQTT 5 with the acknowledgement that a message was not taken, and why. aedes says 0x87 whatever it is,
// and words that may be more than the client takes.
import type { PublishPacket } from 'aedes';
import type { AedesClient } from '../mqtt/aedes-client.js';
import { REASON, type Reason } from '../mqtt/reasons.js';

export interface Refusal {
  readonly reason: Reason;
  readonly words: string;
}

const REASON_STRING = 0x1f;

/** A PUBACK or PUBREC of fewer than 128 bytes; aedes is told to leave the message alone. */
export function refuseInAck(client: AedesClient, packet: PublishPacket, { reason, words }: Refusal): void {
  const { qos, messageId = 0 } = packet;
  const text = Buffer.from(words);
  const property = Buffer.concat([Buffer.from([REASON_STRING, 0, text.length]), text]);
  const bare = [qos === 1 ? 0x40 : 0x50, 3, messageId >> 8, messageId & 0xff, REASON[reason]];
  const size = bare.length + 1 + property.length;
  // [MQTT-3.1.2-29], [MQTT-3.4.2-2] and [MQTT-3.5.2-2].
  const takesWords = client._requestProblemInformation && size <= (client.maximumPacketSize ?? Infinity);
  if (takesWords) bare[1] = size - 2;
  client.conn.write(Buffer.from([...bare, ...(takesWords ? [property.length, ...property] : [])]));
  Object.assign(packet, { _notAuthorized: true });
}
