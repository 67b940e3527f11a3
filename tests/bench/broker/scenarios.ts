// What is measured: deliveries a second and the broker's processor time for each, and how long an answer takes.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { publishPacket } from '../../support/mqtt/raw-mqtt.js';
import { bytesOf, PLAIN, type Dialect } from './dialects.js';
import { PAYLOAD, Peer } from './peer.js';
import type { Target } from './peer.js';

export interface Figures {
  readonly perSecond: number;
  /** The broker's processor time for a delivery. */
  readonly cpuMicroseconds: number;
  /** The part of a processor that the broker used: far below 1 the load generator is what was measured. */
  readonly busy: number;
}

export interface Measured extends Target {
  /** Processor seconds the broker has used so far. */
  cpuSeconds(): Promise<number>;
}

export interface Shape {
  readonly publishers: number;
  readonly subscribers: number;
  readonly qos: 0 | 1;
  readonly messages: number;
  /** 3.1.1 where absent. */
  readonly dialect?: Dialect;
}

/** Messages on their way at most: Mosquitto drops QoS 0 for who is further behind than its queue. */
const WINDOW = 400;
const BURST = 20;

export const fanOut = (qos: 0 | 1, messages: number): Shape => ({
  publishers: 1,
  subscribers: 100,
  qos,
  messages,
});
export const fanIn = (qos: 0 | 1, messages: number): Shape => ({
  publishers: 10,
  subscribers: 1,
  qos,
  messages,
});

/** As fast as the broker can: the next messages are sent when the slowest subscriber is near. */
export async function flood(broker: Measured, shape: Shape): Promise<Figures> {
  return withPeers(broker, shape, async (publishers, subscribers) => {
    const { qos, dialect = PLAIN } = shape;
    const burst = burstOf(qos, dialect);
    const slowest = async (messages: number): Promise<void> => {
      const bytes = bytesOf(messages, dialect, PAYLOAD, qos);
      for (const subscriber of subscribers) await subscriber.received(bytes);
    };
    let sent = 0;
    while (sent < shape.messages) {
      for (const publisher of publishers) {
        publisher.send(burst);
        sent += BURST;
        if (sent > WINDOW) await slowest(sent - WINDOW);
      }
    }
    await slowest(sent);
    return sent * shape.subscribers;
  });
}

/** A steady rate far below what either can. */
export async function steady(broker: Measured, shape: Shape, perSecond: number): Promise<Figures> {
  return withPeers(broker, shape, async (publishers, subscribers) => {
    const packet = publishPacket({ topic: 'bench', text: PAYLOAD, qos: shape.qos });
    const start = performance.now();
    let sent = 0;
    while (sent < shape.messages) {
      for (const due = ((performance.now() - start) * perSecond) / 1000; sent < due; sent++)
        publishers[0]?.send(packet);
      await sleep(1);
    }
    for (const subscriber of subscribers) await subscriber.received(sent * packet.length);
    return sent * shape.subscribers;
  });
}

/**
 * The median time in µs from a request to its answer, one after the other. With QoS 1 either end is acknowledged and
 * acknowledges; the answer counts, not the PUBACK before or behind it.
 */
export async function requestReply(
  broker: Target,
  qos: 0 | 1,
  rounds: number,
  dialect = PLAIN,
): Promise<number> {
  const both = ['asker', 'answerer'].map((id) => Peer.open(broker, id, 0, dialect));
  const [asker, answerer] = await Promise.all(both);
  if (asker === undefined || answerer === undefined) throw new Error('no peers');
  await asker.subscribe('answer', qos, dialect);
  await answerer.subscribe('request', qos, dialect);
  const own = dialect.properties === undefined ? {} : { properties: dialect.properties };
  const answer = publishPacket({ topic: 'answer', text: PAYLOAD, qos, ...own });
  const request = publishPacket({ topic: 'request', text: PAYLOAD, qos, ...own });
  answerer.onPublish(request, () => {
    answerer.send(answer);
  });
  let answered = (): void => undefined;
  asker.onPublish(answer, () => {
    answered();
  });
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const arrived = new Promise<void>((resolve) => (answered = resolve));
    asker.send(request);
    await arrived;
    times.push((performance.now() - start) * 1000);
  }
  asker.close();
  answerer.close();
  return median(times);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function burstOf(qos: 0 | 1, { properties }: Dialect): Buffer {
  const own = properties === undefined ? {} : { properties };
  const packets = Array.from({ length: BURST }, (_, index) =>
    publishPacket({ topic: 'bench', text: PAYLOAD, qos, id: index + 1, ...own }),
  );
  return Buffer.concat(packets);
}

async function withPeers(
  broker: Measured,
  shape: Shape,
  run: (publishers: readonly Peer[], subscribers: readonly Peer[]) => Promise<number>,
): Promise<Figures> {
  const { dialect = PLAIN } = shape;
  const open = async (count: number, name: string): Promise<Peer[]> =>
    Promise.all(
      Array.from({ length: count }, async (_, index) =>
        Peer.open(broker, `${name}${String(index)}`, 0, dialect),
      ),
    );
  const publishers = await open(shape.publishers, 'p');
  const subscribers = await open(shape.subscribers, 's');
  for (const subscriber of subscribers) {
    await subscriber.subscribe('bench', shape.qos, dialect);
    if (shape.qos === 1) subscriber.acknowledge('bench', dialect);
  }
  const cpu = await broker.cpuSeconds();
  const start = performance.now();
  const deliveries = await run(publishers, subscribers);
  const seconds = (performance.now() - start) / 1000;
  const cpuSeconds = (await broker.cpuSeconds()) - cpu;
  for (const peer of [...publishers, ...subscribers]) peer.close();
  const cpuMicroseconds = (cpuSeconds * 1e6) / deliveries;
  return { perSecond: deliveries / seconds, cpuMicroseconds, busy: cpuSeconds / seconds };
}
