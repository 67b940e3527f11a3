// A bus that takes one transaction ahead, and what stays promised: in simulated time, one transaction a millisecond.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { MuxBus } from '../../../bridge/bus/mux.js';
import { GatewayError } from '../../../shared/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';

const POLL = { priority: 'poll' } as const;
const COMMAND = { priority: 'command' } as const;
const COMMANDS_AT = 100;

function setUp(takesMs = 1) {
  const clock = new FakeClock();
  const bus = new ScriptedBus(clock, () => ({ takesMs, bytes: [1] }), 1);
  return { clock, bus, queue: new BusQueue({ bus, clock, limit: 64 }) };
}

const read = (address: number) => ({ address, readLength: 1 });

test('the next transaction is handed over while one runs, and not the one behind it', async () => {
  const { clock, bus, queue } = setUp(10);
  const handed: number[] = [];
  const calls = [1, 2, 3].map((address) =>
    queue.transfer(read(address), { ...POLL, refuse: () => void handed.push(address) }),
  );
  await clock.advance(5);
  assert.deepEqual(handed, [1, 2]);
  assert.equal(bus.seen.length, 1);
  await clock.advance(10);
  assert.deepEqual(handed, [1, 2, 3]);
  await clock.advance(100);
  await Promise.all(calls);
  assert.deepEqual(
    bus.seen.map(({ address }) => address),
    [1, 2, 3],
  );
  assert.equal(queue.stats().busyMs, 30);
});

test('behind what helps a bus nothing is lost of it, and with multiplexers nothing goes ahead', () => {
  const { bus } = setUp();
  assert.equal(new MuxBus(bus, []).takesAhead, 1);
  assert.equal(new MuxBus(bus, [0x70]).takesAhead, 0);
});

test('a command that comes while polls saturate the bus follows at most one running and one handed over', async () => {
  const { clock, bus, queue } = setUp(10);
  const polls = Array.from({ length: 20 }, (_, n) => queue.transfer(read(n), POLL));
  await clock.advance(55);
  const before = bus.seen.length;
  const command = queue.transfer(read(COMMANDS_AT), COMMAND);
  await clock.advance(500);
  await Promise.all([...polls, command]);
  const place = bus.seen.findIndex(({ address }) => address === COMMANDS_AT);
  assert.ok(place <= before + 1, `${String(place - before)} went before it`);
});

test('nothing is handed over into a rest, and what gave up in one is never run', async () => {
  const { clock, bus, queue } = setUp();
  const first = queue.transfer(read(1), { ...POLL, restMs: 50 });
  const late = queue.transfer(read(2), { ...POLL, deadlineMs: 30 }).catch((error: unknown) => error);
  const next = queue.transfer(read(3), POLL);
  await clock.advance(45);
  await first;
  assert.equal(bus.seen.length, 1);
  const error = await late;
  assert.ok(error instanceof GatewayError);
  assert.equal(error.code, 'overdue');
  await clock.advance(20);
  await next;
  assert.deepEqual(
    bus.seen.map(({ address }) => address),
    [1, 3],
  );
});

interface Load {
  /** Devices, and how often each is polled. */
  readonly polled: number;
  readonly everyMs: number;
  /** Clients that each send a command when the last was answered. */
  readonly clients: number;
  /** A client waits so long before it sends again. */
  readonly thinksMs: number;
}

const SIMULATED_MS = 2000;

interface Outcome {
  /** Polls that ran, of those that were due; and their share of all turns. */
  readonly kept: number;
  readonly share: number;
  /** The most commands between two polls. */
  readonly inARow: number;
}

async function underLoad(load: Load): Promise<Outcome> {
  const { clock, bus, queue } = setUp();
  let due = 0;
  let stopped = false;
  const poll = (address: number): void => {
    if (stopped) return;
    due += 1;
    clock.after(load.everyMs, () => {
      poll(address);
    });
    // One that is still waiting when the next is due is one that was missed: the queue is full then.
    queue.transfer(read(address), { ...POLL, deadlineMs: load.everyMs }).catch(() => undefined);
  };
  const command = (): void => {
    if (stopped) return;
    const again = (): void => {
      if (load.thinksMs === 0) command();
      else clock.after(load.thinksMs, command);
    };
    queue.transfer(read(COMMANDS_AT), COMMAND).then(again, () => undefined);
  };
  for (let address = 0; address < load.polled; address += 1)
    clock.after(address, () => {
      poll(address);
    });
  for (let client = 0; client < load.clients; client += 1) command();
  await clock.advance(SIMULATED_MS);
  stopped = true;
  const polls = bus.seen.filter(({ address }) => address !== COMMANDS_AT).length;
  await clock.advance(1000);
  assert.equal(bus.overlaps, 0);
  const turns = bus.seen.map(({ address }) => (address === COMMANDS_AT ? 'c' : ' ')).join('');
  const inARow = Math.max(...turns.split(' ').map((commands) => commands.length));
  return { kept: polls / due, share: polls / bus.seen.length, inARow };
}

test('polls that gave up take no turns from those that still wait', async () => {
  const { clock, bus, queue } = setUp();
  const late = Array.from({ length: 8 }, (_, n) =>
    queue.transfer(read(n), { ...POLL, deadlineMs: 3 }).catch(() => undefined),
  );
  const commands = Array.from({ length: 40 }, () => queue.transfer(read(COMMANDS_AT), COMMAND));
  const poll = queue.transfer(read(50), POLL);
  await clock.advance(100);
  await Promise.all([...late, ...commands, poll]);
  assert.ok(bus.seen.findIndex(({ address }) => address === 50) < 12);
  assert.deepEqual(queue.stats().waiting, { command: 0, poll: 0 });
});

test('commands and polls that together fit the bus: every poll runs', async () => {
  // 60 % of the bus are commands, 30 % polls.
  const { kept } = await underLoad({ polled: 30, everyMs: 100, clients: 6, thinksMs: 9 });
  assert.ok(kept >= 0.95, String(kept));
});

test('a flood of commands leaves the polls their rate where a fifth of the turns is enough for them', async () => {
  const { kept, share } = await underLoad({ polled: 15, everyMs: 100, clients: 50, thinksMs: 0 });
  assert.ok(kept >= 0.95, String(kept));
  assert.ok(share > 0.13, String(share));
});

test('a flood of commands on a bus that polls fill already leaves them one turn in five', async () => {
  const { inARow } = await underLoad({ polled: 100, everyMs: 100, clients: 50, thinksMs: 0 });
  assert.equal(inARow, 4);
});
