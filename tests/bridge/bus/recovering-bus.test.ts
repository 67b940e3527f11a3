// A bus in trouble climbs a ladder, one rung at a time, and says each; what is well is left alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pause } from '../../../bridge/time/pause.js';
import { statusOf } from '../../../bridge/messages/reply-status.js';
import { GatewayError } from '../../../shared/errors.js';
import type { I2cTransaction, OwnedI2cBus, TransferOptions } from '../../../shared/ports.js';
import { FakeClock } from '../../support/fake-clock.js';
import { failing, FINE, opened, setUp } from '../../support/bus/recovering-world.js';
import { ScriptedBus, type Behaviour } from '../../support/bus/scripted-bus.js';

/** The wire is its own, and it never ends. */
function hangs(_transaction: I2cTransaction, { passage }: TransferOptions = {}): Promise<Uint8Array> {
  passage?.handOver();
  passage?.begin();
  return new Promise(() => undefined);
}

test('a read that breaks off is tried again at once, a command that is not idempotent is not', async () => {
  let calls = 0;
  const { read, said } = await opened({
    behaviour: () => ((calls += 1) % 3 === 0 ? FINE : failing('bus_fault')),
  });
  assert.equal(await read(8, true), 'ok');
  assert.equal(calls, 3);
  assert.equal(await read(8, false), 'bus_fault');
  assert.equal(calls, 4);
  assert.deepEqual(said(), ['bus.retry']);
});

test('retries are bounded, and not made for what was slow or for who is absent', async () => {
  for (const [behaviour, expected] of [
    [() => failing('bus_fault'), 3],
    [() => ({ ...failing('bus_fault'), takesMs: 200 }), 1],
    [() => failing('timeout'), 1],
    [() => failing('no_ack'), 1],
  ] as const satisfies readonly (readonly [Behaviour, number])[]) {
    const { read, opened: buses } = await opened({ behaviour });
    await read(8, true);
    assert.equal(buses[0]?.seen.length, expected);
  }
});

test('what broke off and can’t be tried again is told as tried, whatever refuses the second try', async () => {
  const world = await opened({ behaviour: () => ({ ...failing('bus_fault'), takesMs: 10 }) });
  const codeOf = (asked: Promise<unknown>): Promise<unknown> =>
    asked.then(
      () => 'ok',
      (error: unknown) => (error instanceof GatewayError ? [error.code, statusOf(error)] : error),
    );
  const idempotent = codeOf(
    world.bus.transfer({ address: 8, write: Uint8Array.of(1) }, { repeatable: true }),
  );
  await world.clock.advance(5);
  const closing = world.bus.close();
  await world.clock.advance(20);
  await closing;
  assert.deepEqual(await idempotent, ['bus_fault', 'failed']);
  assert.deepEqual(await codeOf(world.bus.transfer({ address: 8, write: Uint8Array.of(1) })), [
    'closed',
    'rejected',
  ]);
  let calls = 0;
  const behaviour: Behaviour = () => {
    calls += 1;
    const untried = new GatewayError('bus_unavailable', 'gone', { untried: true });
    return calls === 1 ? failing('bus_fault') : { error: untried };
  };
  const second = await opened({ behaviour });
  const tried = codeOf(second.bus.transfer({ address: 8, write: Uint8Array.of(1) }, { repeatable: true }));
  await second.clock.advance(20);
  assert.deepEqual([await tried, calls], [['bus_fault', 'failed'], 2]);
});

test('rung by rung: pause, reopen, the program, down; each is said once', async () => {
  const hooks: string[] = [];
  const world = await opened({
    behaviour: () => failing('timeout'),
    hook: () => {
      hooks.push(world.opened.at(-1)?.closed === true ? 'bus closed' : 'bus open');
      return Promise.resolve('It ended with exit code 0.');
    },
  });
  const { reads, said, downs, steps, opened: buses } = world;
  assert.deepEqual(await reads(8, 3), ['timeout', 'timeout', 'timeout']);
  assert.deepEqual(said(), ['bus.pause']);
  await reads(8, 3);
  assert.deepEqual([said().at(-1), buses.length], ['bus.reopen', 2]);
  await reads(8, 3);
  assert.deepEqual([said().at(-1), buses.length, hooks], ['bus.hook', 3, ['bus closed']]);
  assert.equal(steps.at(-1)?.message, 'as scripted It ended with exit code 0.');
  await reads(8, 3);
  assert.deepEqual(said(), ['bus.pause', 'bus.reopen', 'bus.hook', 'bus.down']);
  assert.deepEqual(
    downs.map(({ code }) => code),
    ['bus_unavailable'],
  );
  assert.deepEqual(await reads(9, 2), ['bus_unavailable', 'bus_unavailable']);
  assert.equal(buses.at(-1)?.seen.length, 3, 'nothing reaches the wire of a bus that is down');
});

test('the first rung leaves the wire alone for a quarter of a second: a target may let go by itself', async () => {
  const world = await opened({ behaviour: () => failing('timeout') });
  await world.reads(8, 2);
  const wire = world.opened[0];
  const read = (): Promise<void> =>
    assert.rejects(world.bus.transfer({ address: 8, readLength: 1 }), { code: 'timeout' });
  await Promise.all([read(), world.clock.advance(1)]);
  assert.deepEqual(world.said(), ['bus.pause']);
  const next = read();
  await world.clock.advance(240);
  assert.equal(wire?.seen.length, 3);
  await world.clock.advance(10);
  await next;
  assert.equal(wire.seen.length, 4);
});

test('a rung that helped is said, and the next trouble begins at the first', async () => {
  let well = false;
  const { reads, read, said } = await opened({ behaviour: () => (well ? FINE : failing('bus_fault')) });
  await reads(8, 6);
  well = true;
  assert.equal(await read(8), 'ok');
  assert.deepEqual(said(), ['bus.pause', 'bus.reopen', 'bus.up']);
  well = false;
  await reads(8, 3);
  assert.equal(said().at(-1), 'bus.pause');
});

test('one device that breaks off all the time costs the others nothing', async () => {
  const {
    reads,
    read,
    said,
    opened: buses,
  } = await opened({
    behaviour: ({ address }) => (address === 8 ? failing('bus_fault') : FINE),
  });
  assert.equal(await read(9), 'ok');
  await reads(8, 20);
  assert.equal(await read(9), 'ok');
  assert.deepEqual([said(), buses.length], [[], 1]);
});

test('devices that are absent say nothing against the bus', async () => {
  const { reads, said } = await opened({ behaviour: () => failing('no_ack') });
  await reads(8, 10);
  await reads(9, 10);
  assert.deepEqual(said(), []);
});

test('a transaction that hangs frees its caller, and the bus is opened anew only when it has really ended', async () => {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const hanging: OwnedI2cBus = {
    transfer: hangs,
    close: () => Promise.resolve(),
    ended,
  };
  let opens = 0;
  const clock = new FakeClock();
  const { bus, said } = setUp({
    behaviour: () => FINE,
    clock,
    open: () => Promise.resolve((opens += 1) === 1 ? hanging : new ScriptedBus(clock, () => FINE)),
  });
  await bus.open();
  const hung = assert.rejects(bus.transfer({ address: 8, readLength: 1 }), { code: 'timeout' });
  await clock.advance(4999);
  assert.deepEqual(said(), []);
  await clock.advance(1);
  await hung;
  const next = bus.transfer({ address: 9, readLength: 1 });
  await clock.advance(2000);
  assert.equal(opens, 1);
  end();
  await clock.advance(1);
  assert.deepEqual([...(await next)], [1]);
  assert.equal(opens, 2);
  assert.deepEqual(said(), ['bus.reopen', 'bus.up']);
  assert.equal(clock.waiting, 0);
});

test('a hang that does not end takes the bus down within seconds', async () => {
  const hanging: OwnedI2cBus = {
    transfer: hangs,
    close: () => Promise.resolve(),
    ended: new Promise(() => undefined),
  };
  const world = setUp({ behaviour: () => FINE, open: () => Promise.resolve(hanging) });
  await world.bus.open();
  assert.equal(await world.read(8), 'timeout');
  await world.clock.advance(3000);
  assert.deepEqual(world.said(), ['bus.reopen', 'bus.down']);
  assert.equal(world.downs.length, 1);
});

test('closing a bus that hangs takes as long as giving it up, however far its recovery is', async () => {
  for (const closeAtMs of [1000, 5500, 7000]) {
    const clock = new FakeClock();
    const hanging: OwnedI2cBus = {
      transfer: hangs,
      close: () => pause(clock, 1500),
      ended: new Promise(() => undefined),
    };
    const { bus } = setUp({ behaviour: () => FINE, clock, open: () => Promise.resolve(hanging) });
    await bus.open();
    bus.transfer({ address: 8, readLength: 1 }).catch((error: unknown) => {
      assert.ok(error instanceof GatewayError);
    });
    await clock.advance(closeAtMs);
    let closed = false;
    const closing = bus.close().then(() => {
      closed = true;
    });
    await clock.advance(1500);
    assert.equal(closed, true, `closed at ${String(closeAtMs)} ms`);
    await closing;
  }
});

test('a bus that ended by itself is opened anew without waiting for the next transaction', async () => {
  const { clock, lost, read, said, opened: buses } = await opened({ behaviour: () => FINE });
  lost[0]?.(new GatewayError('bus_fault', 'the process ended'));
  await clock.advance(10);
  assert.equal(buses.length, 2);
  assert.equal(await read(8), 'ok');
  assert.deepEqual(said(), ['bus.reopen', 'bus.up']);
});

test('a bus that does not open again goes down by way of the program', async () => {
  let opens = 0;
  const clock = new FakeClock();
  const gone = new GatewayError('bus_unavailable', 'unplugged');
  const world = setUp({
    behaviour: () => FINE,
    clock,
    hook: () => Promise.resolve('It ended.'),
    open: () =>
      (opens += 1) === 1
        ? Promise.resolve(new ScriptedBus(clock, () => failing('bus_unavailable')))
        : Promise.reject(gone),
  });
  await world.bus.open();
  for (let n = 0; n < 6; n += 1) {
    const lost = assert.rejects(world.bus.transfer({ address: 8, readLength: 1 }));
    await clock.advance(1000);
    await lost;
  }
  assert.deepEqual(world.said(), ['bus.pause', 'bus.reopen', 'bus.hook', 'bus.down']);
  assert.match(world.downs[0]?.message ?? '', /is down: unplugged/);
});

test('while the program runs nobody waits, and closing ends it', async () => {
  let aborted = false;
  const world = await opened({
    behaviour: () => failing('timeout'),
    afterDown: true,
    hook: (signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve('It was killed.');
        });
      }),
  });
  await world.reads(8, 3);
  assert.deepEqual(await world.reads(8, 1), ['bus_unavailable']);
  await world.bus.close();
  assert.equal(aborted, true);
  assert.equal(world.opened.length, 1, 'nothing is opened after the close');
  assert.equal(await world.read(8), 'closed');
});

test('a noisy line is said once in a while, with how often it was not', async () => {
  let calls = 0;
  const world = await opened({ behaviour: () => ((calls += 1) % 2 === 0 ? FINE : failing('bus_fault')) });
  const transaction: I2cTransaction = { address: 8, readLength: 1 };
  for (let n = 0; n < 100; n += 1) {
    const done = world.bus.transfer(transaction, { repeatable: true });
    await world.clock.advance(150);
    await done;
  }
  assert.deepEqual(
    world.steps.map(({ type, leftOut }) => [type, leftOut]),
    [
      ['bus.retry', undefined],
      ['bus.retry', 66],
    ],
  );
  assert.equal(world.bus.counts().retries, 100);
});
