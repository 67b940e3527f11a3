// A PUBLISH as it came from an outside broker, and who hears it.
import { createHash } from 'node:crypto';
import type { IPublishPacket } from 'mqtt';
import type { Log, Message } from '../../../shared/ports.js';

/** Brokers count down in whole seconds, to 0 at times: a message that was just sent must not be over. */
const LEAST_LEFT_S = 3;

export function messageOf(packet: IPublishPacket): Message {
  const { topic, payload, qos, retain, messageId, dup, properties } = packet;
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const delivery = qos === 0 || messageId === undefined ? {} : { delivery: { id: messageId, again: dup } };
  const seconds = properties?.messageExpiryInterval;
  const expiry = seconds === undefined ? {} : { expiresInMs: Math.max(LEAST_LEFT_S, seconds) * 1000 };
  return { topic, payload: bytes, qos, retain, ...delivery, ...expiry };
}

/** Tells two messages apart that lie far from each other in time, without keeping the first: 44 characters each. */
export function digestOf({ topic, payload }: Pick<Message, 'topic' | 'payload'>): string {
  return createHash('sha256').update(topic).update('\0').update(payload).digest('base64');
}

/** One subscriber's fault must not keep the message from the others, nor from its acknowledgement. */
export function neverThrowing(
  filter: string,
  handler: (message: Message) => void,
  log: Log,
): (message: Message) => void {
  return (message) => {
    try {
      handler(message);
    } catch (err) {
      log.error({ err, filter, topic: message.topic }, 'a subscriber within the gateway threw');
    }
  };
}
