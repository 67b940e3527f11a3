// Hands a message of the gateway's own to aedes.
import type { Aedes, PublishPacket } from 'aedes';
import { GatewayError } from '../../../shared/errors.js';
import type { Message } from '../../../shared/ports.js';

/** Rejects with closed where there is no broker, or it did not take it. */
export async function sendMessage(aedes: Aedes | undefined, message: Message): Promise<void> {
  if (aedes === undefined) throw new GatewayError('closed', 'the broker is not running');
  const { topic, payload, qos, retain } = message;
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const packet: PublishPacket = { cmd: 'publish', topic, payload: bytes, qos, retain, dup: false };
  const properties = propertiesOf(message);
  if (properties !== undefined) packet.properties = properties;
  return new Promise((resolve, reject) => {
    aedes.publish(packet, (cause) => {
      // aedes calls back with null as well as with nothing.
      if (!(cause instanceof Error)) resolve();
      else reject(new GatewayError('closed', `the broker did not take a message for ${topic}`, { cause }));
    });
  });
}

function propertiesOf({ contentType, correlationData }: Message): PublishPacket['properties'] {
  if (contentType === undefined && correlationData === undefined) return undefined;
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData) }),
  };
}
