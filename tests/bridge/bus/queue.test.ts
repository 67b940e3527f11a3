import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { GatewayError } from '../../../shared/errors.js';
import { Passage } from '../../../shared/passage.js';
import type { Priority } from '../../../shared/ports.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';

function setUp(takesMs = 10, limit = 64) {
  const clock = new FakeClock();
  const bus = new ScriptedBus(clock, () => ({ takesMs, bytes: [1] }));
  return { clock, bus, queue: new BusQueue({ bus, clock, limit }) };
}

/** The code a promise rejects with, or 'ok'. Looked at later, so it must never be unhandled. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    return error.code;
  }
}

for (const takesAhead of [0, 1])
  test(`on a bus that takes ${String(takesAhead)} ahead none overlap, over random arrivals, durations, deadlines, failures and a close`, async () => {
    const call = fc.record({
      atMs: fc.nat(200),
      takesMs: fc.nat(30),
      priority: fc.constantFrom<Priority>('command', 'poll'),
      deadlineMs: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
      restMs: fc.nat(3),
      fails: fc.boolean(),
    });
    const story = fc.record({
      calls: fc.array(call, { minLength: 1, maxLength: 40 }),
      closeAtMs: fc.nat(300),
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ calls, closeAtMs }) => {
        const clock = new FakeClock();
        const bus = new ScriptedBus(
          clock,
          ({ address }) => {
            const { takesMs = 0, fails = false } = calls[address] ?? {};
            return {
              takesMs,
              bytes: [address],
              ...(fails ? { error: new GatewayError('no_ack', 'none') } : {}),
            };
          },
          takesAhead,
        );
        const queue = new BusQueue({ bus, clock, limit: 10 });
        const outcomes: Promise<string>[] = [];
        for (const [address, { atMs, priority, deadlineMs, restMs }] of calls.entries()) {
          clock.after(atMs, () => {
            const options = { priority, restMs, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
            outcomes.push(outcome(queue.transfer({ address, readLength: 1 }, options)));
          });
        }
        let closed: Promise<void> | undefined;
        clock.after(closeAtMs, () => {
          closed = queue.close();
        });
        await clock.advance(10_000);
        await closed;
        const settled = await Promise.all(outcomes);
        assert.equal(bus.overlaps, 0);
        assert.equal(settled.length, calls.length);
        assert.ok(bus.closed);
        assert.ok(!settled.includes('internal'));
        assert.equal(clock.waiting, 0);
      }),
      { numRuns: 200 },
    );
  });

test('a caller’s deadline frees the caller and never the wire', async () => {
  const { clock, bus, queue } = setUp(1000);
  const hung = outcome(queue.transfer({ address: 8, readLength: 1 }, { priority: 'poll', deadlineMs: 100 }));
  const next = outcome(queue.transfer({ address: 9, readLength: 1 }, { priority: 'poll' }));
  await clock.advance(150);
  assert.equal(await hung, 'timeout');
  assert.deepEqual(
    bus.seen.map((tx) => tx.address),
    [8],
  );
  await clock.advance(2000);
  assert.equal(await next, 'ok');
  assert.equal(bus.overlaps, 0);
});

test('what gave up while it waited is never run', async () => {
  const { clock, bus, queue } = setUp(1000);
  const first = outcome(queue.transfer({ address: 8, readLength: 1 }, { priority: 'command' }));
  const late = outcome(
    queue.transfer({ address: 9, write: Uint8Array.of(1) }, { priority: 'command', deadlineMs: 500 }),
  );
  await clock.advance(3000);
  assert.deepEqual([await first, await late], ['ok', 'overdue']);
  assert.deepEqual(
    bus.seen.map((tx) => tx.address),
    [8],
  );
});

test('commands go before polls, and after four commands one poll goes', async () => {
  const { clock, bus, queue } = setUp(1);
  const calls = [1, 2, 3].map((n) => queue.transfer({ address: n, readLength: 1 }, { priority: 'poll' }));
  for (let n = 20; n < 30; n++)
    calls.push(queue.transfer({ address: n, readLength: 1 }, { priority: 'command' }));
  await clock.advance(100);
  await Promise.all(calls);
  assert.deepEqual(
    bus.seen.map((tx) => tx.address),
    [1, 20, 21, 22, 23, 2, 24, 25, 26, 27, 3, 28, 29],
  );
});

test('a full queue refuses at once and is counted, for commands and polls apart', async () => {
  const { clock, queue } = setUp(10, 2);
  const polls = [0, 1, 2, 3].map(() =>
    outcome(queue.transfer({ address: 8, readLength: 1 }, { priority: 'poll' })),
  );
  const command = outcome(queue.transfer({ address: 8, readLength: 1 }, { priority: 'command' }));
  await clock.advance(100);
  assert.deepEqual(await Promise.all(polls), ['ok', 'ok', 'ok', 'queue_full']);
  assert.equal(await command, 'ok');
  assert.equal(queue.stats().refusedFull, 1);
});

test('closing refuses the waiting, awaits the running, and then closes the bus', async () => {
  const { clock, bus, queue } = setUp(1000);
  const running = outcome(queue.transfer({ address: 8, readLength: 1 }, { priority: 'poll' }));
  const waiting = outcome(queue.transfer({ address: 9, readLength: 1 }, { priority: 'poll' }));
  await clock.advance(10);
  const closed = queue.close();
  assert.equal(await waiting, 'closed');
  assert.equal(
    await outcome(queue.transfer({ address: 9, readLength: 1 }, { priority: 'command' })),
    'closed',
  );
  assert.equal(bus.running, 1);
  await clock.advance(1000);
  await closed;
  assert.equal(await running, 'ok');
  assert.deepEqual([bus.closed, bus.running], [true, 0]);
});

test('a device’s rest keeps the wire idle after its transaction', async () => {
  const { clock, bus, queue } = setUp(1);
  const first = queue.transfer({ address: 8, readLength: 1 }, { priority: 'poll', restMs: 50 });
  const second = queue.transfer({ address: 9, readLength: 1 }, { priority: 'poll' });
  await clock.advance(40);
  await first;
  assert.equal(bus.seen.length, 1);
  await clock.advance(20);
  await second;
  assert.equal(bus.seen.length, 2);
});

test('more than Wire buffers is refused before the wire: it would make an Arduino deaf', async () => {
  const { clock, bus, queue } = setUp(1);
  const write = (length: number) =>
    outcome(queue.transfer({ address: 8, write: new Uint8Array(length) }, { priority: 'command' }));
  const read = (readLength: number) =>
    outcome(queue.transfer({ address: 8, readLength }, { priority: 'poll' }));
  const outcomes = [write(33), read(33), write(32), read(32)];
  await clock.advance(10);
  assert.deepEqual(await Promise.all(outcomes), ['too_large', 'too_large', 'ok', 'ok']);
  assert.equal(bus.seen.length, 2);
});

test('what is refused when its turn comes never reaches the wire', async () => {
  const { clock, bus, queue } = setUp(1);
  const refuse = (): Error => new GatewayError('expired', 'too late');
  const refused = outcome(queue.transfer({ address: 8, readLength: 1 }, { priority: 'command', refuse }));
  await clock.advance(10);
  assert.equal(await refused, 'expired');
  assert.equal(bus.seen.length, 0);
});

test('the record of a transaction that has ended takes no other: nobody would be told its end', async () => {
  const { clock, queue } = setUp();
  const passage = new Passage(clock);
  const twice = { address: 8, readLength: 1 };
  const first = outcome(queue.transfer(twice, { priority: 'command', passage }));
  await clock.advance(100);
  const second = outcome(queue.transfer(twice, { priority: 'command', passage }));
  await clock.advance(100);
  assert.deepEqual([await first, await second], ['ok', 'internal']);
});
