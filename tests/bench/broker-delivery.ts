// How fast the embedded broker delivers, beside Mosquitto in the same run, both with users and rights:
// node dist/tests/bench/broker-delivery.js [rounds] [part of a row's name] [aedes]
// Medians of interleaved rounds; behind a latency stands what two bare echoes take between two processes. Figures only, nothing here passes or fails; a row that does not end is given up.
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeUsers, startEmbedded, startMosquitto } from './broker/brokers.js';
import type { Broker, Users } from './broker/brokers.js';
import { askedByMqttJs } from './broker/by-mqtt-js.js';
import { echoedTwice } from './broker/echo.js';
import { idleConnections } from './broker/idle.js';
import { fanIn, fanOut, flood, median, requestReply, steady } from './broker/scenarios.js';
import type { Figures, Measured } from './broker/scenarios.js';
import type { Target } from './broker/peer.js';

const ROUNDS = Number(process.argv[2] ?? 5);
const ONLY = process.argv[3] ?? '';
/** For one row and all its rounds. */
const PATIENCE_MS = 60_000 + ROUNDS * 15_000;

interface Brokers {
  readonly users: Users;
  readonly mosquitto: Broker;
  readonly embedded: Broker;
  /** With aedes' own delivery in place of ours. */
  readonly aedes: Broker | undefined;
}

interface Row {
  readonly name: string;
  /** The figures, in the columns of the table. */
  readonly measure: (brokers: Brokers) => Promise<readonly string[]>;
}

const ROWS: readonly Row[] = [
  delivery('fan-out 1→100, QoS 0', async (broker) => flood(broker, fanOut(0, 6000))),
  delivery('fan-out 1→100, QoS 1', async (broker) => flood(broker, fanOut(1, 3000))),
  delivery('fan-in 10→1, QoS 0', async (broker) => flood(broker, fanIn(0, 100_000))),
  delivery('fan-in 10→1, QoS 1', async (broker) => flood(broker, fanIn(1, 50_000))),
  delivery('30,000 deliveries/s, QoS 0', async (broker) => steady(broker, fanOut(0, 600), 300)),
  delivery('30,000 deliveries/s, QoS 1', async (broker) => steady(broker, fanOut(1, 600), 300)),
  latency('request/reply p50 µs, QoS 0', async (broker) => requestReply(broker, 0, 2000)),
  latency('request/reply p50 µs, QoS 1', async (broker) => requestReply(broker, 1, 2000)),
  latency('the same by MQTT.js, QoS 0', async (broker) => askedByMqttJs(broker, 0, 2000)),
  latency('the same by MQTT.js, QoS 1', async (broker) => askedByMqttJs(broker, 1, 2000)),
  { name: '5000 idle, KiB each', measure: idle },
];

const COLUMNS = 'Mosquitto|µs each|busy|ours|µs each|busy|×|CPU ×|WS/TCP'.split('|');

function print(...[name = '', ...figures]: readonly string[]): void {
  process.stdout.write(`${name.padEnd(28)}${figures.map((text) => text.padStart(11)).join('')}\n`);
}

/** Both brokers and our WebSocket in turn, round by round: what else the machine does disturbs all. */
async function interleaved<T>(
  { mosquitto, embedded, aedes }: Brokers,
  measure: (broker: Measured) => Promise<T>,
): Promise<{ readonly theirs: T[]; readonly ours: T[]; readonly webSocket: T[]; readonly plain: T[] }> {
  const all = { theirs: [] as T[], ours: [] as T[], webSocket: [] as T[], plain: [] as T[] };
  for (let round = 0; round < ROUNDS; round++) {
    all.theirs.push(await measure(mosquitto.tcp));
    all.ours.push(await measure(embedded.tcp));
    all.webSocket.push(await measure(embedded.websocket));
    if (aedes !== undefined) all.plain.push(await measure(aedes.tcp));
  }
  return all;
}

/** Median of the ratios round by round. */
function ratio(upper: readonly number[], lower: readonly number[]): string {
  return median(upper.map((value, round) => value / (lower[round] ?? NaN))).toFixed(2);
}

function delivery(name: string, measure: (broker: Measured) => Promise<Figures>): Row {
  return {
    name,
    measure: async (brokers) => {
      const { theirs, ours, webSocket, plain } = await interleaved(brokers, measure);
      const rates = (figures: readonly Figures[]): number[] => figures.map(({ perSecond }) => perSecond);
      const cpu = (figures: readonly Figures[]): number[] => figures.map((one) => one.cpuMicroseconds);
      const three = (figures: readonly Figures[]): string[] => [
        median(rates(figures)).toFixed(0),
        median(cpu(figures)).toFixed(2),
        median(figures.map(({ busy }) => busy)).toFixed(2),
      ];
      const ofAedes = plain.length === 0 ? [] : [`aedes ${ratio(rates(plain), rates(theirs))}`];
      const both = [ratio(rates(ours), rates(theirs)), ratio(cpu(ours), cpu(theirs))];
      return [...three(theirs), ...three(ours), ...both, ratio(rates(webSocket), rates(ours)), ...ofAedes];
    },
  };
}

function latency(name: string, measure: (broker: Target) => Promise<number>): Row {
  return {
    name,
    measure: async (brokers) => {
      const echoes: number[] = [];
      const { theirs, ours, webSocket } = await interleaved(brokers, async (broker) => {
        if (broker === brokers.mosquitto.tcp) echoes.push(await echoedTwice());
        return measure(broker);
      });
      const least = `echo ${median(echoes).toFixed(0)}`;
      const times = [median(theirs).toFixed(0), '', '', median(ours).toFixed(0), '', ''];
      return [...times, ratio(ours, theirs), '', ratio(webSocket, ours), least];
    },
  };
}

async function idle({ users }: Brokers): Promise<readonly string[]> {
  const tcp = await idleConnections(users, 'tcp', 5000);
  const webSocket = await idleConnections(users, 'websocket', 5000);
  return ['', '', '', `TCP ${tcp.toFixed(1)}`, `WS ${webSocket.toFixed(1)}`];
}

/** Rejects when the row takes longer than one should wait. */
async function bounded(row: Row, brokers: Brokers): Promise<readonly string[]> {
  const given = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: given.signal }).then(() => {
    throw new Error(`${row.name} did not end in ${String(PATIENCE_MS / 1000)} s`);
  });
  try {
    return await Promise.race([row.measure(brokers), late]);
  } finally {
    given.abort();
    late.catch(() => undefined);
  }
}

const users = await makeUsers();
const mosquitto = await startMosquitto(users);
const embedded = await startEmbedded(users);
const aedes = process.argv.includes('aedes') ? await startEmbedded(users, 'aedes') : undefined;
try {
  print('', ...COLUMNS);
  for (const row of ROWS.filter(({ name }) => name.includes(ONLY)))
    print(row.name, ...(await bounded(row, { users, mosquitto, embedded, aedes })));
} finally {
  for (const broker of [mosquitto, embedded, aedes]) await broker?.stop();
  await rm(users.folder, { recursive: true });
}
