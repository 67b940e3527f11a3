// How fast the embedded broker delivers, beside Mosquitto in the same run: node dist/tests/bench/broker-delivery.js
// [rounds]. Figures only, nothing here passes or fails.
import { rm } from 'node:fs/promises';
import { makeUsers, startEmbedded, startMosquitto } from './broker/brokers.js';
import type { Broker } from './broker/brokers.js';
import { Peer } from './broker/peer.js';
import { fanIn, fanOut, flood, median, requestReply, steady } from './broker/scenarios.js';
import type { Figures, Measured } from './broker/scenarios.js';

const ROUNDS = Number(process.argv[2] ?? 5);

interface Row {
  readonly name: string;
  readonly measure: (broker: Measured) => Promise<Figures>;
}

const ROWS: readonly Row[] = [
  { name: 'fan-out 1→100, QoS 0', measure: (broker) => flood(broker, fanOut(0, 6000)) },
  { name: 'fan-out 1→100, QoS 1', measure: (broker) => flood(broker, fanOut(1, 3000)) },
  { name: 'fan-in 10→1, QoS 0', measure: (broker) => flood(broker, fanIn(0, 100_000)) },
  { name: 'fan-in 10→1, QoS 1', measure: (broker) => flood(broker, fanIn(1, 50_000)) },
  { name: '30,000 deliveries/s, QoS 0', measure: (broker) => steady(broker, fanOut(0, 600), 300) },
  { name: '30,000 deliveries/s, QoS 1', measure: (broker) => steady(broker, fanOut(1, 600), 300) },
];

function print(...columns: readonly string[]): void {
  const [name = '', ...figures] = columns;
  process.stdout.write(`${name.padEnd(30)}${figures.map((text) => text.padStart(16)).join('')}\n`);
}

function describe(figures: readonly Figures[]): string[] {
  const rate = median(figures.map(({ perSecond }) => perSecond));
  const cpu = median(figures.map(({ cpuMicroseconds }) => cpuMicroseconds));
  return [rate.toFixed(0), cpu.toFixed(2)];
}

/** Medians of the ratios round by round: what else the machine does disturbs both sides of one. */
function ratios(ours: readonly Figures[], theirs: readonly Figures[]): string[] {
  const ratio = (pick: (figures: Figures) => number): string =>
    median(
      ours.map(
        (figures, round) => pick(figures) / pick(theirs[round] ?? { perSecond: NaN, cpuMicroseconds: NaN }),
      ),
    ).toFixed(2);
  return [ratio(({ perSecond }) => perSecond), ratio(({ cpuMicroseconds }) => cpuMicroseconds)];
}

/** What a connection costs that says nothing. */
async function idleConnections(broker: Broker, count: number): Promise<void> {
  const before = await broker.residentKiB();
  const peers: Peer[] = [];
  for (let index = 0; index < count; index += 100)
    peers.push(
      ...(await Promise.all(
        Array.from({ length: 100 }, async (_, one) => Peer.open(broker.tcp, `idle${String(index + one)}`)),
      )),
    );
  const each = ((await broker.residentKiB()) - before) / count;
  print(`${String(count)} idle connections`, '', '', `${each.toFixed(1)} KiB each`);
  for (const peer of peers) peer.close();
}

const users = await makeUsers();
const mosquitto = await startMosquitto(users);
const embedded = await startEmbedded(users);
const aedes = process.argv.includes('aedes') ? await startEmbedded(users, 'aedes') : undefined;
const only = process.argv[3];
try {
  print('', 'Mosquitto/s', 'µs each', 'ours/s', 'µs each', 'rate ×', 'CPU ×', 'WebSocket ×');
  for (const { name, measure } of ROWS.filter((row) => only === undefined || row.name.includes(only))) {
    const theirs: Figures[] = [];
    const ours: Figures[] = [];
    const overWebSocket: Figures[] = [];
    const plain: Figures[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(await measure(mosquitto.tcp));
      ours.push(await measure(embedded.tcp));
      overWebSocket.push(await measure(embedded.websocket));
      if (aedes !== undefined) plain.push(await measure(aedes.tcp));
    }
    const webSocket = ratios(overWebSocket, ours)[0] ?? '';
    print(
      name,
      ...describe(theirs),
      ...describe(ours),
      ...ratios(ours, theirs),
      webSocket,
      ...(plain.length > 0 ? ratios(plain, theirs) : []),
    );
  }
  await idleConnections(embedded, 5000);
  const asked: number[] = [];
  const askedOurs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    asked.push(await requestReply(mosquitto.tcp, 1000));
    askedOurs.push(await requestReply(embedded.tcp, 1000));
  }
  const times = [median(asked), median(askedOurs)] as const;
  print(
    'request and reply, p50 µs',
    times[0].toFixed(0),
    '',
    times[1].toFixed(0),
    '',
    (times[1] / times[0]).toFixed(2),
  );
} finally {
  for (const broker of [mosquitto, embedded, aedes]) await broker?.stop();
  await rm(users.folder, { recursive: true });
}
