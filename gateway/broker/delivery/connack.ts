// aedes says in each CONNACK of MQTT 5 that there are no shared subscriptions, whatever it is told; here there are.
import type { Duplex } from 'node:stream';
import type { Client } from 'aedes';

/** MQTT 5.0 §3.2.2.3.13: its identifier, and its value, which mqtt-packet (9.0) writes one after the other. */
const SHARED_AVAILABLE = 0x2a;
const NO = Buffer.from([0]);
const YES = Buffer.from([1]);

/** Nothing but the CONNACK is written before the client is connected, and nothing else in it is this pair. */
export function tellOfGroups(client: Client, stream: Duplex): void {
  const write = stream.write.bind(stream) as (chunk: unknown, encoding?: unknown) => boolean;
  let isNext = false;
  const told = (chunk: unknown, encoding?: unknown): boolean => {
    const isValue = isNext && Buffer.isBuffer(chunk) && chunk.equals(NO);
    isNext = Buffer.isBuffer(chunk) && chunk.length === 1 && chunk[0] === SHARED_AVAILABLE;
    return write(isValue ? YES : chunk, encoding);
  };
  stream.write = told;
  client.once('connected', () => {
    if (stream.write === told) stream.write = write;
  });
}
