// Packets with wrong bytes in them, by the hundred thousand, before and after the login: the broker ends connections, is
// there for others, and keeps nothing of it. MUTATED_PACKETS=1000000 sends as many as one has the patience for,
// MUTATED_SEED others; what the process takes is printed after every 100,000.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Log } from '../../../../shared/ports.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { connectClient, type TestClient } from '../../../support/mqtt/client.js';
import { startBroker, type TestBroker } from '../../../support/mqtt/embedded-broker.js';
import { connectsOf, packetsOf4, packetsOf5, type WholePacket } from '../../../support/mqtt/every-packet.js';
import { mutated } from '../../../support/mqtt/mutations.js';
import { Random } from '../../../support/random.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { until } from '../../../support/waiting.js';

const PACKETS = Number(process.env['MUTATED_PACKETS'] ?? 150_000);
/** Most of what is new is in 5. */
const OF_4 = Math.min(PACKETS, Number(process.env['MUTATED_PACKETS'] ?? 20_000));
const SEED = Number(process.env['MUTATED_SEED'] ?? 1);
const AT_ONCE = 10;
const MOST_A_CONNECTION = 19;
const A_REPORT = 100_000;
/** Few, so that all are full before half of the packets are sent. */
const LIMITS = {
  ...{ maxSessions: 50, maxRetained: 50, maxQueuedMessages: 20, maxConnectionsPerAddress: 50 },
  // aedes lets a will wait by the real clock, at most as long.
  sessionExpiryMs: 1000,
};
const BEYOND_ALL_MS = 2 * 60_000;
/** Two of one id throw each other out, which is said. */
const QUARREL = 'two clients at';
const MB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Somebody who does nothing wrong beside it. */
interface Honest {
  readonly client: TestClient;
  readonly topic: string;
  sent: number;
}

async function honest(t: TestContext, url: string, protocolVersion: 4 | 5): Promise<Honest> {
  const topic = `honest/of version ${String(protocolVersion)}`;
  const client = await connectClient(t, url, { protocolVersion, clientId: topic, keepalive: 0 });
  const { stream } = client.mqtt;
  assert.ok(stream instanceof Socket);
  // Or its next publish would wait for 40 ms behind its own acknowledgement (Nagle).
  stream.setNoDelay(true);
  await client.subscribe(topic, 1);
  return { client, topic, sent: 0 };
}

async function say(one: Honest): Promise<void> {
  await one.client.publish(one.topic, String(++one.sent), { qos: 1 });
}

/** Everything came, in its order; again, where it did, only what had come before. */
async function lostNothing({ client, topic, sent }: Honest): Promise<void> {
  await until(`the last of ${topic}`, () => client.received.some(({ text }) => text === String(sent)));
  const first = new Set(client.received.map(({ text }) => Number(text)));
  assert.deepEqual(
    [...first],
    Array.from({ length: sent }, (_, index) => index + 1),
    topic,
  );
}

/** Nobody's lines but what is wrong in the gateway: a million connections would fill the memory with the others. */
function faultsOnly(faults: RecordingLog): Log {
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (fields, message) => {
      if (!message.startsWith(QUARREL)) faults.warn(fields, message);
    },
    error: (fields, message) => {
      faults.error(fields, message);
    },
    child: () => log,
  };
  return log;
}

/** All that one client has to say; mostly it is let in first. */
function conversation(random: Random, version: 4 | 5, all: readonly WholePacket[], packets: number): Buffer {
  const connects = connectsOf(version, `c${String(random.int(20))}`);
  const said = Array.from({ length: packets }, () => mutated(random, all));
  const way = random.int(10);
  if (way === 0) return Buffer.concat(said);
  if (way === 1) return Buffer.concat([mutated(random, connects), ...said.slice(1)]);
  return Buffer.concat([random.of(connects).bytes, ...said]);
}

async function sayAll(port: number, bytes: Buffer): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  // A reset is one of the ways in which a broker ends a connection.
  socket.on('error', () => undefined).resume();
  socket.end(bytes);
  await once(socket, 'close');
}

class Attack {
  readonly #t: TestContext;
  readonly #port: number;
  readonly #version: 4 | 5;
  readonly #random = new Random(SEED);
  readonly #all: readonly WholePacket[];
  readonly #honest: readonly Honest[];
  #done = 0;

  constructor(t: TestContext, port: number, version: 4 | 5, beside: readonly Honest[]) {
    this.#t = t;
    this.#port = port;
    this.#version = version;
    this.#all = version === 5 ? packetsOf5() : packetsOf4();
    this.#honest = beside;
  }

  async go(packets: number): Promise<void> {
    const until = this.#done + packets;
    while (this.#done < until) {
      const before = this.#done;
      const all = Array.from({ length: AT_ONCE }, () => this.#connection(until - this.#done));
      await Promise.all([...all, ...this.#honest.map(say)]);
      if (Math.floor(before / A_REPORT) === Math.floor(this.#done / A_REPORT)) continue;
      this.#t.diagnostic(`${String(this.#done)} packets, ${taken()}`);
    }
  }

  async #connection(most: number): Promise<void> {
    const packets = Math.min(most, 1 + this.#random.int(MOST_A_CONNECTION));
    this.#done += packets;
    await sayAll(this.#port, conversation(this.#random, this.#version, this.#all, packets));
  }
}

function taken(): string {
  collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  return `${(rss / MB).toFixed(0)} MiB, of which ${(heapUsed / MB).toFixed(1)} are in use in the heap`;
}

/** What it holds is of those who are there; what others left went when its time was over. */
async function keptNothing({ broker }: TestBroker, clock: FakeClock, there: number): Promise<void> {
  await until('only the honest are there', () => broker.stats().clients === there);
  await clock.advance(BEYOND_ALL_MS);
  await until('the last will', () => broker.stats().willBytes === 0);
  const { clientsAway, subscriptions, waitingPublishes, retained, stored } = broker.stats();
  assert.deepEqual(
    { clientsAway, subscriptions, waitingPublishes, queued: stored - retained },
    { clientsAway: 0, subscriptions: there, waitingPublishes: 0, queued: 0 },
  );
  assert.ok(retained <= LIMITS.maxRetained);
}

async function harmNobody(t: TestContext, version: 4 | 5, packets: number): Promise<void> {
  const [clock, faults] = [new FakeClock(), new RecordingLog()];
  const started = await startBroker(t, LIMITS, { anonymous: true, clock }, 'direct', {
    log: faultsOnly(faults),
  });
  const { broker, port, url } = started;
  const beside = [await honest(t, url, 4), await honest(t, url, 5)];
  const attack = new Attack(t, port, version, beside);
  await attack.go(packets / 2);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  await attack.go(packets / 2);
  collectGarbage();
  const grown = process.memoryUsage().heapUsed - before;
  for (const one of beside) await lostNothing(one);
  await keptNothing(started, clock, beside.length);
  assert.deepEqual(faults.lines, []);
  const { clientErrors, breached, connects, publishesIn } = broker.stats();
  t.diagnostic(
    `${String(connects)} logins, ${String(publishesIn)} publishes taken, ${String(clientErrors)} client errors, ` +
      `${String(breached)} beyond limits, grown by ${(grown / MB).toFixed(1)} MiB, ${taken()}`,
  );
  // A closure that stayed for each connection would be hundreds of bytes, and its client many thousands.
  const connections = packets / (MOST_A_CONNECTION / 2);
  assert.ok(grown < 8 * MB + connections * 200, `the heap grew by ${(grown / MB).toFixed(1)} MiB`);
}

for (const [version, packets] of [
  [4, OF_4],
  [5, PACKETS],
] as const)
  void test(
    `${String(packets)} mutated packets of version ${String(version)} harm nobody (seed ${String(SEED)})`,
    { timeout: 3_600_000 },
    async (t) => {
      await harmNobody(t, version, packets);
    },
  );
