// Several transactions that belong together: the device is held between them, the bus is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { pause } from '../../../bridge/time/pause.js';
import { GatewayError } from '../../../shared/errors.js';
import { Passage } from '../../../shared/passage.js';
import type { I2cTransaction, Priority, QueuedTransfer } from '../../../shared/ports.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';

const POLL = { priority: 'poll' } as const;
const COMMAND = { priority: 'command' } as const;

function setUp(takesMs = 1) {
  const clock = new FakeClock();
  const bus = new ScriptedBus(clock, () => ({ takesMs, bytes: [1] }));
  const queue = new BusQueue({ bus, clock, limit: 64 });
  const write = (address: number): I2cTransaction => ({ address, write: Uint8Array.of(0x52) });
  const read = (address: number): I2cTransaction => ({ address, readLength: 1 });
  /** Writes, waits, reads. */
  const measure = (address: number, delayMs: number, priority: Priority = 'poll') =>
    queue.converse(async (transfer) => {
      await transfer(write(address), { priority });
      await pause(clock, delayMs);
      return transfer(read(address), { priority });
    });
  const seen = (): string[] =>
    bus.seen.map((tx) => `${String(tx.address)}${tx.write === undefined ? 'r' : 'w'}`);
  return { clock, bus, queue, read, write, measure, seen };
}

test('others use the bus during the delay, and nobody else speaks to the device that is held', async () => {
  const { clock, queue, measure, read, write, seen } = setUp();
  const work: Promise<unknown>[] = [measure(8, 900)];
  await clock.advance(10);
  work.push(queue.transfer(read(8), POLL), queue.transfer(write(8), COMMAND), queue.transfer(read(9), POLL));
  await clock.advance(100);
  assert.deepEqual(seen(), ['8w', '9r']);
  await clock.advance(1000);
  await Promise.all(work);
  assert.deepEqual(seen(), ['8w', '9r', '8r', '8w', '8r']);
});

test('two conversations with one device come one after the other, with two devices side by side', async () => {
  const { clock, measure, seen } = setUp();
  const work = [measure(8, 100), measure(8, 100), measure(9, 100)];
  await clock.advance(1000);
  await Promise.all(work);
  assert.deepEqual(seen(), ['8w', '9w', '8r', '8w', '9r', '8r']);
});

test('a conversation that fails lets the device go', async () => {
  const { clock, bus, queue, measure, read, seen } = setUp();
  bus.behave(({ write }) => (write === undefined ? {} : { error: new GatewayError('no_ack', 'gone') }));
  const lost = assert.rejects(measure(8, 900), { code: 'no_ack' });
  const next = queue.transfer(read(8), POLL);
  await clock.advance(10);
  await Promise.all([lost, next]);
  assert.deepEqual(seen(), ['8w', '8r']);
});

test('who waits for a held device is freed by its deadline, and is not run later', async () => {
  const { clock, queue, measure, read, seen } = setUp();
  const talk = measure(8, 900);
  const late = assert.rejects(queue.transfer(read(8), { ...POLL, deadlineMs: 50 }), { code: 'overdue' });
  await clock.advance(2000);
  await Promise.all([talk, late]);
  assert.deepEqual(seen(), ['8w', '8r']);
});

test('who keeps a safe write waiting is hurried like one: before all commands, past who talks with its target', async () => {
  const { clock, queue, read, write, seen } = setUp(10);
  const talk = queue.converse(async (transfer, signal) => {
    await transfer(write(8), POLL);
    await pause(clock, 900, signal);
    return transfer(read(8), POLL);
  });
  const ended = assert.rejects(talk, { code: 'overdue' });
  await clock.advance(10);
  const passage = new Passage(clock);
  const flood = Array.from({ length: 40 }, () => queue.transfer(write(9), COMMAND));
  const work = queue.transfer(read(8), { ...COMMAND, passage });
  passage.hurry();
  passage.hurry();
  await clock.advance(500);
  await Promise.all([work, ...flood, ended]);
  assert.equal(seen().indexOf('8r'), 21);
  assert.equal(clock.waiting, 0);
});

test('closing in the middle of a conversation ends it, and what waited for the device is refused', async () => {
  const { clock, bus, queue, measure, read } = setUp();
  const talk = assert.rejects(measure(8, 900), { code: 'closed' });
  const waiting = assert.rejects(queue.transfer(read(8), POLL), { code: 'closed' });
  await clock.advance(10);
  const closed = queue.close();
  await clock.advance(1000);
  await Promise.all([talk, waiting, closed]);
  assert.deepEqual([bus.closed, clock.waiting], [true, 0]);
});

test('a flood of commands to a held device does not keep other devices from the bus', async () => {
  const { clock, queue, measure, read, write, seen } = setUp();
  const talk = measure(8, 100);
  await clock.advance(5);
  const flood = Array.from({ length: 50 }, () => queue.transfer(write(8), COMMAND));
  const others = Array.from({ length: 20 }, () => queue.transfer(read(9), POLL));
  await clock.advance(50);
  await Promise.all(others);
  assert.equal(seen().filter((what) => what === '9r').length, 20);
  await clock.advance(1000);
  await Promise.all([talk, ...flood]);
});

test('whatever is said in whatever order: never two at once, and nobody between the parts of a conversation', async () => {
  const call = fc.record({
    atMs: fc.nat(100),
    address: fc.integer({ min: 8, max: 10 }),
    parts: fc.integer({ min: 1, max: 4 }),
    gapMs: fc.nat(20),
    priority: fc.constantFrom<Priority>('command', 'poll'),
    deadlineMs: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    fails: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 25 }), async (calls) => {
      const clock = new FakeClock();
      const wire: string[] = [];
      const bus = new ScriptedBus(clock, ({ address, write }) => {
        const [who = 0, part = 0] = write ?? [];
        wire.push(`${String(address)} ${String(who)} ${String(part)}`);
        const fails = calls[who]?.fails === true && part === 1;
        return { takesMs: 2, ...(fails ? { error: new GatewayError('no_ack', 'none') } : {}) };
      });
      const queue = new BusQueue({ bus, clock, limit: 64 });
      const ended = new Set<number>();
      const talks: Promise<unknown>[] = [];
      for (const [who, { atMs, address, parts, gapMs, priority, deadlineMs }] of calls.entries()) {
        const options = { priority, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
        const talk = async (transfer: QueuedTransfer): Promise<void> => {
          for (let part = 0; part < parts; part += 1) {
            if (part > 0) await pause(clock, gapMs);
            await transfer({ address, write: Uint8Array.of(who, part) }, options);
          }
        };
        clock.after(atMs, () => {
          talks.push(
            queue.converse(talk).then(
              () => ended.add(who),
              (error: unknown) => {
                assert.ok(error instanceof GatewayError);
                ended.add(who);
              },
            ),
          );
        });
      }
      await clock.advance(60_000);
      await Promise.all(talks);
      assert.equal(bus.overlaps, 0);
      assert.equal(ended.size, calls.length, 'every conversation ended');
      assertUnbroken(wire);
    }),
    { numRuns: 150 },
  );
});

/** What each device heard: all parts of one conversation, then all of the next. */
function assertUnbroken(wire: readonly string[]): void {
  const heard = new Map<string, { readonly who: string; readonly finished: Set<string> }>();
  for (const line of wire) {
    const [address = '', who = ''] = line.split(' ');
    const last = heard.get(address);
    const finished = last?.finished ?? new Set<string>();
    if (last !== undefined && last.who !== who) finished.add(last.who);
    assert.ok(!finished.has(who), `${who} came back to ${address} after another: ${wire.join(', ')}`);
    heard.set(address, { who, finished });
  }
}
