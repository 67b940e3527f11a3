// Between its turn and the wire a transaction may wait for the ladder or for one that hangs: what is told of it is true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { RecoveringBus } from '../../../bridge/bus/recovering.js';
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import type { OwnedI2cBus, QueuedTransferOptions } from '../../../shared/ports.js';
import { FakeClock, settled } from '../../support/fake-clock.js';
import { ScriptedBus, type Behaviour } from '../../support/bus/scripted-bus.js';

async function setUp(behaviour: Behaviour, takesAhead: number) {
  const clock = new FakeClock();
  const steps: string[] = [];
  const wires: ScriptedBus[] = [];
  const bus = new RecoveringBus({
    ...{ name: 'bus main', clock, afterDown: false, onDown: () => undefined },
    open: () => {
      const wire = new ScriptedBus(clock, behaviour, takesAhead);
      wires.push(wire);
      return Promise.resolve(wire);
    },
    onStep: ({ type }) => steps.push(type),
  });
  await bus.open();
  const queue = new BusQueue({ bus, clock, limit: 64 });
  const outcome = (write: number, options: QueuedTransferOptions): { code?: string } => {
    const told: { code?: string } = {};
    void queue.transfer({ address: write, write: Uint8Array.of(write) }, options).then(
      () => (told.code = 'ok'),
      (thrown: unknown) => (told.code = asGatewayError(thrown).code),
    );
    return told;
  };
  const expiring = (atMs: number): QueuedTransferOptions => ({
    ...{ priority: 'command', mayExpire: true },
    refuse: () => (clock.monotonicMs() > atMs ? new GatewayError('expired', 'late') : undefined),
  });
  const written = (): (number | undefined)[] =>
    wires.flatMap(({ seen }) => seen.map(({ write }) => write?.[0]));
  return { clock, steps, outcome, expiring, written };
}

/** A bus that rests, since three of its targets failed; the one at 9 works. */
async function resting(): ReturnType<typeof setUp> {
  const world = await setUp(
    ({ address }) => (address === 9 ? {} : { error: new GatewayError('bus_fault', 'x') }),
    0,
  );
  for (const address of [5, 6, 7]) {
    world.outcome(address, { priority: 'poll' });
    await world.clock.advance(10);
  }
  assert.deepEqual(world.steps, ['bus.pause']);
  return world;
}

test('a command that expires while the bus rests is not written', async () => {
  const world = await resting();
  const told = world.outcome(9, world.expiring(world.clock.monotonicMs() + 50));
  await world.clock.advance(1000);
  assert.deepEqual([told.code, world.written()], ['expired', [5, 6, 7]]);
});

test('a command that expires behind a target which stretches the clock is not written', async () => {
  const world = await setUp(({ address }) => ({ takesMs: address === 8 ? 3000 : 1 }), 1);
  world.outcome(8, { priority: 'poll' });
  await world.clock.advance(300);
  const told = world.outcome(9, world.expiring(2000));
  const behind = world.outcome(10, { priority: 'command' });
  await world.clock.advance(4000);
  assert.deepEqual([told.code, behind.code, world.written()], ['expired', 'ok', [8, 10]]);
});

test('nobody goes before one that has waited, in the very moment he is let go', async () => {
  for (let moment = 0; moment < 12; moment += 1) {
    const written: number[] = [];
    let endFirst: () => void = () => undefined;
    const wire: OwnedI2cBus = {
      takesAhead: 2,
      transfer: ({ address }) => {
        written.push(address);
        if (address !== 8) return Promise.resolve(new Uint8Array());
        return new Promise((resolve) => {
          endFirst = () => {
            resolve(new Uint8Array());
          };
        });
      },
      close: () => Promise.resolve(),
    };
    const bus = new RecoveringBus({
      ...{ name: 'bus main', clock: new FakeClock(), afterDown: false },
      ...{ open: () => Promise.resolve(wire), onStep: () => undefined, onDown: () => undefined },
    });
    await bus.open();
    const first = bus.transfer({ address: 8 });
    const waits = bus.transfer({ address: 9 }, { mayExpire: true });
    await settled();
    endFirst();
    for (let steps = 0; steps < moment; steps += 1) await Promise.resolve();
    // Of those that may stand behind others, as soon as nobody waits.
    const comes = bus.transfer({ address: 10 });
    await Promise.all([first, waits, comes]);
    assert.deepEqual(written, [8, 9, 10], `${String(moment)} steps after the end`);
  }
});

test('who is handed over ahead of a hang has its own time', async () => {
  const world = await setUp(({ address }) => ({ takesMs: address === 8 ? 4900 : 1000 }), 1);
  const first = world.outcome(8, { priority: 'poll' });
  const ahead = world.outcome(9, { priority: 'command' });
  await world.clock.advance(7000);
  assert.deepEqual([first.code, ahead.code, world.steps], ['ok', 'ok', []]);
});

test('a deadline that passes while the bus rests is told as it is: never on the wire, and not run any more', async () => {
  const world = await resting();
  const told = world.outcome(9, { priority: 'command', deadlineMs: 50 });
  await world.clock.advance(1000);
  assert.deepEqual([told.code, world.written()], ['overdue', [5, 6, 7]]);
});

test('a deadline that passes behind a target which stretches the clock: never on the wire, and not run any more', async () => {
  const world = await setUp(({ address }) => ({ takesMs: address === 8 ? 3000 : 1 }), 1);
  world.outcome(8, { priority: 'poll' });
  await world.clock.advance(300);
  const told = world.outcome(9, { priority: 'command', deadlineMs: 1000 });
  await world.clock.advance(4000);
  assert.deepEqual([told.code, world.written()], ['overdue', [8]]);
});

test('nobody stands behind two for longer than he waits, where the bus takes as many', async () => {
  const world = await setUp(({ address }) => ({ takesMs: address === 8 ? 4900 : 60_000 }), 2);
  world.outcome(8, { priority: 'poll' });
  world.outcome(9, { priority: 'poll' });
  const told = world.outcome(10, { priority: 'poll', deadlineMs: 10_000 });
  await world.clock.advance(10_000);
  assert.deepEqual([told.code, world.written()], ['overdue', [8, 9]]);
});

test('what nobody waits for any more is not tried again', async () => {
  const world = await setUp(() => ({ takesMs: 20, error: new GatewayError('bus_fault', 'x') }), 0);
  const told = world.outcome(8, { priority: 'command', deadlineMs: 10, repeatable: true });
  await world.clock.advance(1000);
  assert.deepEqual([told.code, world.written()], ['timeout', [8]]);
});

test('a second try that stands behind another and then hangs is given up as a first one is', async () => {
  let tries = 0;
  const world = await setUp(({ address }) => {
    if (address !== 8) return { takesMs: 50 };
    tries += 1;
    return tries === 1 ? { takesMs: 1, error: new GatewayError('bus_fault', 'x') } : { takesMs: 60_000 };
  }, 1);
  const told = world.outcome(8, { priority: 'poll', repeatable: true });
  world.outcome(9, { priority: 'poll' });
  await world.clock.advance(5000);
  assert.deepEqual([told.code, world.written()], [undefined, [8, 9, 8]]);
  await world.clock.advance(100);
  assert.deepEqual([told.code, world.steps.at(-1)], ['timeout', 'bus.reopen']);
});
