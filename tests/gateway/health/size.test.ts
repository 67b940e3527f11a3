// The health messages have a size that no number of devices, buses, faults or names changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultLog } from '../../../bridge/device/fault-log.js';
import type { DeviceHealth } from '../../../bridge/polling/poller.js';
import { RefusalTally } from '../../../bridge/messages/refusal-tally.js';
import type { Report } from '../../../gateway/health/report.js';
import { bytesOf, cut } from '../../../gateway/health/bounded.js';
import { HealthTeller } from '../../../gateway/health/teller.js';
import { ERROR_CODES, type ErrorCode } from '../../../shared/errors.js';
import { Topics } from '../../../shared/topics.js';
import { FakeClock } from '../../support/fake-clock.js';

const TOPICS = new Topics('iot', 'a'.repeat(64));
const MOST = 8000;
const CODES = Object.keys(ERROR_CODES) as ErrorCode[];
const idOf = (kind: string, index: number): string =>
  `${kind}-${String(index).padStart(4, '0')}`.padEnd(64, 'x');

/** Of one device: every fault there is, each with bytes, a sentence and a hint that take their room in UTF-8. */
function allFaults(clock: FakeClock): DeviceHealth {
  const log = new FaultLog();
  log.note(CODES, clock.now(), () => ({
    seen: new Uint8Array(32).fill(0xff),
    message: `Die Antwort „${'°'.repeat(200)}“ wird nicht geglaubt.`,
    hint: 'Prüfe die Leitung. '.repeat(20),
  }));
  return {
    ...{ polls: 9_999_999, missed: 9_999_999, probes: 9_999_999, failures: 9_999_999, unchanged: 9_999_999 },
    faults: log.report(),
    availability: {
      state: 'offline',
      since: clock.now(),
      reason: 'wrong_identity',
      message: '°'.repeat(500),
    },
    pausedUntil: clock.now(),
  };
}

function tally(): unknown {
  const refusals = new RefusalTally();
  for (let index = 0; index < 300; index += 1)
    refusals.note('\u0001'.repeat(64), { code: 'bad_payload', message: '\u0001°'.repeat(100) }, index);
  for (let index = 0; index < 300; index += 1)
    refusals.note(idOf('\u0001\u0001°', index), { code: 'bad_payload', message: '°'.repeat(200) }, index);
  return refusals.told();
}

function reportOf(deviceCount: number, busCount: number, clock: FakeClock): Report {
  const health = allFaults(clock);
  const devices = Array.from({ length: deviceCount }, (_, index) => idOf('device', index));
  const buses = Array.from({ length: busCount }, (_, index) => idOf('bus', index));
  const traffic = {
    transactions: 1e9,
    failures: 1e9,
    busyMs: 1e9,
    meanMs: 12.345,
    longestMs: 1234.567,
    share: 0.123,
  };
  const budget = buses.map((bus, at) => {
    const own = devices.filter((_, index) => index % busCount === at).map((id) => [id, traffic]);
    return [
      bus,
      {
        scheduled: 0.123,
        measured: 1.234,
        overloadedSince: clock.now(),
        devices: Object.fromEntries(own) as Readonly<Record<string, unknown>>,
      },
    ] as const;
  });
  const up = {
    ...{ state: 'up', waiting: { command: 99, poll: 99 }, busy: true, transactions: 1e9, failures: 1e9 },
    ...{ refusedFull: 1e9, abandoned: 1e9, busyMs: 1e9, longestWaitMs: 1e9, utilisation: 0.999 },
    recovery: { retries: 1e9, pauses: 1e9, reopened: 1e9, hooks: 1e9 },
  };
  const marks = devices.map((device) => ({ device, command: 'pump', args: { speed: 100 }, ts: clock.now() }));
  return {
    ts: clock.now(),
    buses: Object.fromEntries(buses.map((bus) => [bus, up])),
    budget: Object.fromEntries(budget),
    devices: Object.fromEntries(devices.map((id) => [id, health])),
    outputs: { held: marks, leftOn: marks },
    commands: { received: 1e9, refusedByDevice: tally() },
    requests: { answered: 1e9, refusedByName: tally() },
    recorder: { accepted: 1e9, invalidByDevice: tally() },
    store: { state: 'unreachable', error: { code: 'store_unreachable', message: '°'.repeat(5000) } },
    broker: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [idOf('count', index), 1e9])),
    logins: { failed: 1e9, addresses: tally() },
    parts: buses.map((name) => ({
      ...{ name, state: 'restarting', restarts: 1e9 },
      error: { code: 'bus_unavailable', message: '°'.repeat(500) },
    })),
  };
}

/** What is said in one report, by topic. */
async function said(teller: HealthTeller, sent: Map<string, unknown>): Promise<ReadonlyMap<string, unknown>> {
  sent.clear();
  await teller.tell();
  return new Map(sent);
}

function tellerOf(
  report: () => Report,
  clock: FakeClock,
): { teller: HealthTeller; sent: Map<string, unknown> } {
  const sent = new Map<string, unknown>();
  const outlet = { json: (topic: string, message: unknown) => void sent.set(topic, message) };
  const numbers = (): Promise<Report> => Promise.resolve(report());
  return { teller: new HealthTeller({ report: { numbers }, topics: TOPICS, outlet, clock }), sent };
}

void test('500 devices with every fault on 20 buses: each message is below 8,000 bytes, and says what it leaves out', async () => {
  const clock = new FakeClock();
  const report = reportOf(500, 20, clock);
  const { teller, sent } = tellerOf(() => report, clock);
  const all = new Map<string, unknown>();
  for (let round = 0; round < 6; round += 1)
    for (const [topic, message] of await said(teller, sent)) all.set(topic, message);
  for (const [topic, message] of all) {
    const bytes = bytesOf(message) + topic.length;
    assert.ok(bytes < MOST, `${topic} takes ${String(bytes)} bytes`);
  }
  assert.equal(all.size, 1 + 20 + 500);
  const { devices, buses } = all.get(TOPICS.health) as Readonly<
    Record<'devices' | 'buses', { total: number; worst: unknown[]; leftOut: number; faults: object }>
  >;
  assert.deepEqual([devices.total, devices.worst.length, devices.leftOut], [500, 5, 495]);
  assert.deepEqual([buses.total, buses.worst.length, buses.leftOut], [20, 5, 15]);
  assert.deepEqual(new Set(Object.keys(devices.faults)), new Set(CODES));
  const { faults } = all.get(TOPICS.deviceHealth(idOf('device', 7))) as DeviceHealth;
  assert.deepEqual(new Set(Object.keys(faults)), new Set(CODES));
  assert.ok(Object.values(faults).some(({ hint }) => hint?.startsWith('Prüfe')));
});

void test('a device is said when something is new of it, or five minutes have gone, and not a hundred more at once', async () => {
  const clock = new FakeClock();
  let report = reportOf(150, 1, clock);
  const { teller, sent } = tellerOf(() => report, clock);
  const devicesIn = (topics: ReadonlyMap<string, unknown>): number =>
    [...topics.keys()].filter((topic) => topic.includes('/device/')).length;
  assert.equal((await said(teller, sent)).size, 1 + 100);
  assert.equal(devicesIn(await said(teller, sent)), 51);
  assert.equal(devicesIn(await said(teller, sent)), 0);
  const id = idOf('device', 3);
  const devices = report['devices'] as Readonly<Record<string, DeviceHealth>>;
  const before = devices[id] ?? allFaults(clock);
  report = { ...report, devices: { ...devices, [id]: { ...before, polls: before.polls + 1 } } };
  assert.equal(devicesIn(await said(teller, sent)), 0);
  report = { ...report, devices: { ...devices, [id]: { ...before, failures: before.failures + 1 } } };
  const now = await said(teller, sent);
  assert.deepEqual([devicesIn(now), now.has(TOPICS.deviceHealth(id))], [1, true]);
  await clock.advance(300_000);
  assert.equal(devicesIn(await said(teller, sent)), 99);
});

void test('a text is cut by the bytes that it takes in JSON, between whole characters', () => {
  for (const text of ['abcdef', '°°°°°°', '"\\"\\"\\', '\u0001\u0002\u0003', '😀😀😀', 'a\ud800b\ud800']) {
    for (let most = 5; most < 30; most += 1) {
      const kept = cut(text, most);
      assert.ok(bytesOf(kept) <= most, `${JSON.stringify(kept)} takes more than ${String(most)}`);
      assert.ok(kept === text || (kept.endsWith('…') && text.startsWith(kept.slice(0, -1))));
    }
    assert.equal(cut(text, bytesOf(text)), text);
  }
});
