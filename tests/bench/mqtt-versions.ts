// What MQTT 5 costs at the embedded broker beside 3.1.1, by turns in one run, with users and rights:
// node dist/tests/bench/mqtt-versions.js [rounds]
// Deliveries a second, requests answered a second, and the median of their ratios to 3.1.1, round by round; and KiB of an idle
// connection. Figures only.
import { rm } from 'node:fs/promises';
import { makeUsers, startEmbedded } from './broker/brokers.js';
import { idleConnections } from './broker/idle.js';
import { FIVE, PLAIN, WITH_PROPERTIES, type Dialect } from './broker/dialects.js';
import { fanIn, fanOut, flood, median, requestReply, type Measured, type Shape } from './broker/scenarios.js';

const ROUNDS = Number(process.argv[2] ?? 5);

interface Row {
  readonly name: string;
  readonly perSecond: (broker: Measured, dialect: Dialect) => Promise<number>;
  readonly dialects: readonly Dialect[];
}

const flooded =
  (shape: Shape): Row['perSecond'] =>
  async (broker, dialect) =>
    (await flood(broker, { ...shape, dialect })).perSecond;

const answered =
  (qos: 0 | 1): Row['perSecond'] =>
  async (broker, dialect) =>
    1e6 / (await requestReply(broker, qos, 2000, dialect));

const ROWS: readonly Row[] = [
  {
    name: 'fan-out 1→100, QoS 0',
    perSecond: flooded(fanOut(0, 6000)),
    dialects: [PLAIN, FIVE, WITH_PROPERTIES],
  },
  { name: 'fan-out 1→100, QoS 1', perSecond: flooded(fanOut(1, 3000)), dialects: [PLAIN, FIVE] },
  {
    name: 'fan-in 10→1, QoS 0',
    perSecond: flooded(fanIn(0, 100_000)),
    dialects: [PLAIN, FIVE, WITH_PROPERTIES],
  },
  { name: 'fan-in 10→1, QoS 1', perSecond: flooded(fanIn(1, 50_000)), dialects: [PLAIN, FIVE] },
  { name: 'request/reply, QoS 0', perSecond: answered(0), dialects: [PLAIN, FIVE] },
  { name: 'request/reply, QoS 1', perSecond: answered(1), dialects: [PLAIN, FIVE] },
];

const users = await makeUsers();
const broker = await startEmbedded(users);
try {
  for (const { name, perSecond, dialects } of ROWS) {
    const rates = dialects.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++)
      for (const [index, dialect] of dialects.entries())
        rates[index]?.push(await perSecond(broker.tcp, dialect));
    const [plain = []] = rates;
    for (const [index, own] of rates.entries()) {
      const ratio = median(own.map((rate, round) => rate / (plain[round] ?? NaN)));
      const label = `${name}, ${dialects[index]?.name ?? ''}`.padEnd(52);
      process.stdout.write(`${label}${median(own).toFixed(0).padStart(9)}${ratio.toFixed(2).padStart(7)}\n`);
    }
  }
  for (const dialect of [PLAIN, FIVE]) {
    const each = await idleConnections(users, 'tcp', 5000, dialect);
    process.stdout.write(
      `${`5000 idle, KiB each, ${dialect.name}`.padEnd(52)}${each.toFixed(1).padStart(9)}\n`,
    );
  }
} finally {
  await broker.stop();
  await rm(users.folder, { recursive: true });
}
