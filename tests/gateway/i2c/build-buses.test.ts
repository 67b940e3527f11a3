// What the configuration says of a bus is what is built: its multiplexers, and the program that resets it.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Outlet } from '../../../bridge/messages/outlet.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { buildBuses, hookOf } from '../../../gateway/i2c/build-buses.js';
import { PlugBoard } from '../../../gateway/i2c/simulated/plug-board.js';
import { startBroker, TOPICS } from '../../support/mqtt/embedded-broker.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

async function simulated(t: TestContext, yaml: string) {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const { broker } = await startBroker(t);
  const part = buildBuses({
    config: parseConfig(yaml, 'test.yaml'),
    ...{ configFolder: '.', simulate: true, plugs: new PlugBoard(), clock, log, topics: TOPICS },
    outlet: new Outlet(broker.bus, log),
    fail: (_name, error) => {
      throw error;
    },
  }).get('main');
  assert.ok(part);
  await part.start();
  t.after(() => part.stop());
  const ask = async (address: number, channel?: number): Promise<string> => {
    const via = channel === undefined ? {} : { via: { mux: 0x70, channel } };
    const place = { address, ...via, write: Uint8Array.of(1), readLength: 1 };
    const asked = part.transfer(place, { priority: 'poll' }).then(
      ([byte]) => String(byte),
      (error: unknown) => (error as { code: string }).code,
    );
    return (await Promise.all([asked, clock.advance(1000)]))[0];
  };
  return { ask };
}

test('devices at one address behind two channels answer each for itself', async (t) => {
  const { ask } = await simulated(
    t,
    `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  one: { identify: { write: [1], read: 1, expect: [11] } }
  two: { identify: { write: [1], read: 1, expect: [22] } }
devices:
  a: { type: one, bus: main, address: 8, behind: { mux: 0x70, channel: 0 } }
  b: { type: two, bus: main, address: 8, behind: { mux: 0x70, channel: 5 } }
`,
  );
  assert.deepEqual(
    [await ask(8, 0), await ask(8, 5), await ask(8, 0), await ask(8)],
    ['11', '22', '11', 'no_ack'],
  );
});

test('a bus that is simulated never runs the program that resets a real one', () => {
  const bus = { path: '/dev/i2c-1', recovery: { run: ['reset-the-bus'], withinMs: 1000 } } as const;
  const world = { clock: new FakeClock(), log: new RecordingLog() };
  assert.deepEqual(hookOf(bus, { ...world, simulate: true }), {});
  assert.equal(typeof hookOf(bus, { ...world, simulate: false }).hook, 'function');
});
