// Buses in trouble with everything real but the wire: bus processes, a recovery program, the supervisor, a broker.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Outlet } from '../../../bridge/messages/outlet.js';
import type { BusPart } from '../../../gateway/i2c/bus-part.js';
import { buildBuses } from '../../../gateway/i2c/build-buses.js';
import { PlugBoard } from '../../../gateway/i2c/simulated/plug-board.js';
import { Supervisor } from '../../../gateway/supervision/supervisor.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { GatewayError } from '../../../shared/errors.js';
import type { EventMessage } from '../../../shared/messages.js';
import type { Clock } from '../../../shared/ports.js';
import { tankConfig } from '../../support/bus/devices.js';
import { startBroker, TOPICS } from '../../support/mqtt/embedded-broker.js';
import { FakeClock } from '../../support/fake-clock.js';
import { connectClient } from '../../support/mqtt/client.js';
import { RecordingLog } from '../../support/recording-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';
import { AT, fakeDriver } from './linux/fake-driver.js';
import { BUS } from './linux/open-fake-bus.js';

interface World {
  readonly part: BusPart;
  readonly supervisor: Supervisor;
  readonly log: RecordingLog;
  /** The events so far that a client of the broker saw. */
  readonly events: () => EventMessage[];
  readonly read: (address?: number) => Promise<string>;
}

async function world(
  t: TestContext,
  driver: string,
  options: { readonly clock?: Clock; readonly run?: readonly string[] } = {},
): Promise<World> {
  const { clock = new SystemClock(), run } = options;
  const log = new RecordingLog();
  const { broker, url } = await startBroker(t);
  const client = await connectClient(t, url);
  await client.subscribe(TOPICS.event, 1);
  const bus = { ...BUS, ...(run === undefined ? {} : { recovery: { run, withinMs: 5000 } }) };
  const supervisors: Supervisor[] = [];
  const buses = buildBuses({
    config: { ...tankConfig(), buses: new Map([['main', bus]]) },
    ...{ configFolder: '.', simulate: false, plugs: new PlugBoard(), clock, log, topics: TOPICS, driver },
    outlet: new Outlet(broker.bus, log),
    fail: (name, error) => supervisors[0]?.fail(name, error),
  });
  const part = buses.get('main');
  assert.ok(part);
  const supervisor = new Supervisor([{ component: part, restartable: true }], clock, log);
  supervisors.push(supervisor);
  await supervisor.start();
  return {
    ...{ part, supervisor, log },
    events: () => client.received.map(({ text }) => JSON.parse(text) as EventMessage),
    read: (address = AT.registers) =>
      part.transfer({ address, readLength: 1 }, { priority: 'poll', repeatable: true }).then(
        () => 'ok',
        (error: unknown) => (error instanceof GatewayError ? error.code : 'no GatewayError'),
      ),
  };
}

async function brokenWire(t: TestContext) {
  const broken = join(await temporaryFolder(t), 'broken');
  await writeFile(broken, '');
  return { broken, driver: fakeDriver({ broken }) };
}

test('a wire that breaks off is retried, left alone, opened anew, and reset by the program: all said', async (t) => {
  const { broken, driver } = await brokenWire(t);
  const run = ['sh', '-c', 'rm "$0"; echo "reset $I2C_BUS, secret: $MONGODB_URI"; exit 3', broken];
  const { supervisor, part, log, events, read } = await world(t, driver, { run });
  while ((await read()) !== 'ok') await sleep(2);
  await until('the last event', () => events().at(-1)?.type === 'bus.up');
  const ladder = ['bus.retry', 'bus.pause', 'bus.reopen', 'bus.hook', 'bus.up'];
  assert.deepEqual(
    events().map(({ type, bus }) => `${type} ${String(bus)}`),
    ladder.map((type) => `${type} main`),
  );
  assert.match(events()[3]?.message ?? '', /The recovery program ended with exit code 3\./);
  assert.equal(
    log.saying('the recovery program ended')[0]?.fields['output'],
    'reset /dev/i2c-1, secret:',
    'its output is logged, and no secret was in its environment',
  );
  const health = part.health();
  assert.ok(health.state === 'up');
  assert.deepEqual({ ...health.recovery, retries: 0 }, { retries: 0, pauses: 1, reopened: 1, hooks: 1 });
  await supervisor.stop();
});

test('a bus that nothing helps is down, said, and back by itself', async (t) => {
  const { broken, driver } = await brokenWire(t);
  const { supervisor, part, events, read } = await world(t, driver);
  while (part.health().state === 'up') await read();
  assert.equal(await read(), 'bus_unavailable');
  await until('the event', () => events().some(({ type }) => type === 'bus.down'));
  assert.equal(supervisor.health()[0]?.state, 'restarting');
  await unlink(broken);
  while ((await read()) !== 'ok') await sleep(2);
  await until('the event', () => events().at(-1)?.type === 'bus.up');
  assert.equal(part.health().state, 'up');
  await supervisor.stop();
});

test('a bus that hangs is given up after 5 s, its process killed, and opened anew', async (t) => {
  const clock = new FakeClock();
  const folder = await temporaryFolder(t);
  const fifo = join(folder, 'fifo');
  const journal = join(folder, 'journal');
  execFileSync('mkfifo', [fifo]);
  const { supervisor, events, read } = await world(t, fakeDriver({ fifo, journal }), { clock });
  const hung = read(AT.hanging);
  await clock.advance(5000);
  assert.equal(await hung, 'timeout');
  // The bus's own close gives its process up after 1.5 s.
  await clock.advance(1500);
  assert.equal(await read(), 'ok');
  await until('the events', () => events().length === 2);
  assert.deepEqual(
    events().map(({ type, code }) => [type, code]),
    [
      ['bus.reopen', 'timeout'],
      ['bus.up', undefined],
    ],
  );
  await supervisor.stop();
});

test('a bus that hangs does not hold up the end of the gateway', async (t) => {
  const fifo = join(await temporaryFolder(t), 'fifo');
  execFileSync('mkfifo', [fifo]);
  const { supervisor, part, read, log } = await world(t, fakeDriver({ fifo }));
  const hung = read(AT.hanging);
  await until('the hang', () => {
    const health = part.health();
    return health.state === 'up' && health.busy;
  });
  await supervisor.stop();
  assert.equal(await hung, 'timeout');
  assert.deepEqual(log.saying('did not stop well'), []);
  assert.equal(await supervisor.ended, undefined);
});

test('a bus process that is killed is replaced at once, and the next transaction goes', async (t) => {
  const { supervisor, events, read } = await world(t, fakeDriver());
  assert.equal(await read(), 'ok');
  assert.equal(await read(AT.deadly), 'bus_fault');
  assert.equal(await read(), 'ok');
  await until('the events', () => events().some(({ type }) => type === 'bus.reopen'));
  await supervisor.stop();
});
