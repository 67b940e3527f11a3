// Many callers on a bus that fails in every way, and a witness at the wire: what each is told is what was on the wire.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MuxBus } from '../../../bridge/bus/mux.js';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { RecoveringBus } from '../../../bridge/bus/recovering.js';
import { pause } from '../../../bridge/time/pause.js';
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import type {
  I2cTransaction,
  Priority,
  QueuedTransfer,
  QueuedTransferOptions,
} from '../../../shared/ports.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Witness, WitnessedWire, type Deed, type Plan, type Trip } from '../../support/bus/witnessed-wire.js';

const MUX = 0x70;
const HANGS_AFTER_MS = 5000;

const deed = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Deed>('answers') },
  { weight: 5, arbitrary: fc.constantFrom<Deed>('bus_fault', 'bus_fault', 'no_ack', 'refused') },
  { weight: 1, arbitrary: fc.constant<Deed>('hangs') },
);
const plan = fc.record({ does: deed, takesMs: fc.oneof(fc.nat(30), fc.nat(4000)) });
const soon = (max: number) => fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max }));
const anybody = {
  atMs: fc.oneof(fc.nat(50), fc.nat(8000)),
  address: fc.integer({ min: 8, max: 11 }),
  priority: fc.constantFrom<Priority>('command', 'poll'),
  urgent: fc.boolean(),
  repeatable: fc.boolean(),
  restMs: fc.constantFrom(0, 0, 0, 20),
  deadlineMs: fc.option(fc.oneof(soon(9000), fc.constant(10_000)), { nil: undefined, freq: 2 }),
  /** After so long `refuse` says no. */
  expiresMs: fc.option(soon(6000), { nil: undefined, freq: 2 }),
  talks: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  tries: fc.array(plan, { minLength: 3, maxLength: 3 }),
};
const caller = fc.record(anybody);
/** All in one line, and at once: some that may go ahead, behind some that have to wait. */
const crowding = fc.record({
  ...{ ...anybody, atMs: fc.nat(50), priority: fc.constant<Priority>('command') },
  ...{ urgent: fc.constant<boolean>(false), talks: fc.constant<boolean>(false) },
});
const story = fc.record({
  callers: fc.oneof(
    { weight: 3, arbitrary: fc.array(caller, { minLength: 1, maxLength: 14 }) },
    { weight: 1, arbitrary: fc.array(crowding, { minLength: 3, maxLength: 14 }) },
  ),
  takesAhead: fc.constantFrom(0, 1, 2, 2),
  /** Each address behind a channel; how the multiplexer answers, in turn. */
  mux: fc.option(fc.array(plan, { minLength: 1, maxLength: 6 }), { nil: undefined, freq: 2 }),
  closeAtMs: fc.oneof(fc.nat(12_000), fc.constant(60_000)),
  /** So long after its end a bus tells who stood behind the one that hung. */
  tellsAfterMs: fc.constantFrom(0, 0, 100),
});
type Caller = typeof caller extends fc.Arbitrary<infer T> ? T : never;
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

interface Told {
  readonly outcome: 'ok' | GatewayError;
  readonly atMs: number;
  readonly moment: number;
}

interface World extends Story {
  readonly clock: FakeClock;
  readonly witness: Witness;
  readonly queue: BusQueue;
  /** What each was told, by its number; of one that talks only its first transaction. */
  readonly told: Map<number, Told[]>;
  /** The troubles since the last answer, whenever the bus rested. */
  readonly rests: number[];
  /** When the queue was closed: by the story, or because the bus is down. */
  closedAtMs: number;
  closed: Promise<void> | undefined;
}

async function worldOf(told: Story): Promise<World> {
  const { callers, mux, takesAhead, tellsAfterMs } = told;
  const clock = new FakeClock();
  let selects = 0;
  let troubles = 0;
  const rests: number[] = [];
  const planOf = ({ address, write }: I2cTransaction, earlier: number): Plan => {
    const at =
      address === MUX ? mux?.[(selects += 1) % mux.length] : callers[write?.[0] ?? 0]?.tries[earlier];
    const next = at ?? { does: 'answers', takesMs: 1 };
    // Known before it ends, which it does not by itself.
    if (next.does === 'hangs') troubles += 1;
    return next;
  };
  const witness = new Witness(clock, planOf);
  witness.onEnd = (address, does) => {
    if (does !== 'answers') troubles += does === 'hangs' ? 0 : 1;
    // What a multiplexer answers says nothing yet of what it is asked for.
    else if (address !== MUX) troubles = 0;
  };
  const bus = new RecoveringBus({
    ...{ name: 'bus main', clock, afterDown: false },
    onDown: () => {
      close(world);
    },
    open: () =>
      Promise.resolve(
        new MuxBus(new WitnessedWire(clock, witness, { takesAhead, tellsAfterMs }), mux ? [MUX] : []),
      ),
    onStep: ({ type }) => {
      if (type === 'bus.pause') rests.push(troubles);
    },
  });
  await bus.open();
  // How many it takes ahead is known of a bus that is open.
  const queue = new BusQueue({ bus, clock, limit: 64 });
  const world: World = {
    ...{ ...told, clock, witness, rests, queue, told: new Map() },
    ...{ closedAtMs: Infinity, closed: undefined },
  };
  return world;
}

function close(world: World): void {
  world.closedAtMs = Math.min(world.closedAtMs, world.clock.monotonicMs());
  world.closed = world.queue.close();
}

function optionsOf({ clock }: World, one: Caller): QueuedTransferOptions {
  const { priority, urgent, repeatable, restMs, deadlineMs, expiresMs } = one;
  const refuse = (): Error | undefined =>
    clock.monotonicMs() > one.atMs + (expiresMs ?? Infinity)
      ? new GatewayError('expired', 'late')
      : undefined;
  return {
    ...{ priority, repeatable, restMs, refuse, mayExpire: expiresMs !== undefined },
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    urgent: urgent && priority === 'command',
  };
}

function call(world: World, number: number, one: Caller): Promise<unknown> {
  const { queue, clock, witness, told } = world;
  const via = world.mux === undefined ? {} : { via: { mux: MUX, channel: one.address % 2 } };
  const transaction = { address: one.address, ...via, write: Uint8Array.of(number) };
  const options = optionsOf(world, one);
  const answers: Told[] = [];
  told.set(number, answers);
  const once = async (transfer: QueuedTransfer): Promise<void> => {
    const tell = (outcome: Told['outcome']): void => {
      answers.push({ outcome, atMs: clock.monotonicMs(), moment: witness.moment() });
    };
    await transfer(transaction, options).then(
      () => {
        tell('ok');
      },
      (thrown: unknown) => {
        tell(asGatewayError(thrown));
      },
    );
  };
  if (!one.talks) return once((...asked) => queue.transfer(...asked));
  const talk = queue.converse(async (transfer, signal) => {
    await once(transfer);
    await pause(clock, 50, signal);
    await transfer({ ...transaction, write: Uint8Array.of(100 + number) }, options);
  });
  return talk.catch((thrown: unknown) => {
    assert.ok(thrown instanceof GatewayError);
  });
}

/** What the witness has seen is what the caller was told. */
function checkOne(world: World, number: number, one: Caller): void {
  const answers = world.told.get(number) ?? [];
  assert.equal(answers.length, 1, 'one answer');
  const [answer] = answers;
  assert.ok(answer);
  const { outcome, moment, atMs } = answer;
  const own = tripsOf(world, number);
  const last = own.at(-1);
  assert.ok(own.length <= (one.repeatable ? 3 : 1), 'not oftener than it may be');
  assert.ok(
    own.every((trip) => trip.moment < moment),
    'nothing runs after its answer',
  );
  if (outcome === 'ok') assert.equal(last?.does, 'answers');
  else if (!maybe(world, number, answer))
    assert.equal(outcome.untried, own.length === 0, `${outcome.code}: ${outcome.message}`);
  if (outcome !== 'ok' && ['timeout', 'bus_fault'].includes(outcome.code)) {
    assert.ok(
      own.length > 0 || world.mux !== undefined || maybe(world, number, answer),
      'nobody says of the wire what was not there',
    );
  }
  if (outcome !== 'ok' && outcome.message.includes('hangs for 5 s'))
    assert.ok(atMs - (last?.atMs ?? -Infinity) >= HANGS_AFTER_MS, 'a hang has its whole time');
  const [first] = own;
  if (first !== undefined && one.expiresMs !== undefined)
    assert.ok(first.atMs <= one.atMs + one.expiresMs, 'what has expired is not run');
  if (outcome !== 'ok' && !maybe(world, number, answer)) checkReason(outcome, last);
  if (outcome !== 'ok' && outcome.code === 'no_ack' && own.length > 0) assert.equal(last?.does, 'no_ack');
}

/** With trips of its own it is told what its last one came to; without one, what kept it from the wire. */
function checkReason({ code, message }: GatewayError, last: Trip | undefined): void {
  const isOutOfTime = message.includes('did not end within');
  if (last !== undefined && last.does !== 'hangs' && !isOutOfTime)
    assert.equal(message, last.does, 'it is told how its last trip ended');
  const wasSelect = message.includes('The multiplexer at');
  assert.ok(!wasSelect || code !== 'overdue', 'a channel that was not selected is no place in a line');
}

/** Whoever waits in the queue is refused by the close at once; only whom the bus has by then hears of it later. */
function checkClose({ told, callers, closedAtMs, takesAhead, mux }: World): void {
  const later = callers.filter(({ atMs }, number) => {
    const [answer] = told.get(number) ?? [];
    return atMs < closedAtMs && answer !== undefined && answer.atMs > closedAtMs;
  });
  assert.ok(later.length <= 1 + (mux === undefined ? takesAhead : 0), 'who waits is refused by the close');
}

/** Its time was over while it had the wire, and what the kernel let out of it was not known yet. */
function maybe({ witness }: World, number: number, { outcome, moment }: Told): boolean {
  if (outcome === 'ok' || outcome.code !== 'timeout') return false;
  return witness.refused.some(({ of, from, to }) => of === number && from < moment && moment < to);
}

function tripsOf({ witness }: World, number: number): Trip[] {
  return witness.trips.filter(({ of, address }) => address !== MUX && of === number);
}

/** Of one priority those who ask first go first, save where somebody talks with their target. */
function checkOrder(world: World): void {
  const { callers } = world;
  const talkedWith = new Set(callers.filter(({ talks }) => talks).map(({ address }) => address));
  const begun = callers.flatMap((one, number) => {
    const first = tripsOf(world, number)[0];
    if (first === undefined || talkedWith.has(one.address)) return [];
    const line = one.priority === 'poll' ? 0 : one.urgent ? 2 : 1;
    return [{ ...one, number, moment: first.moment, line }];
  });
  // Of those who ask at the same time the first is the first of the story.
  const asked = begun.toSorted((one, other) => one.atMs - other.atMs || one.number - other.number);
  for (const [place, one] of asked.entries())
    for (const other of asked.slice(place + 1))
      if (one.line === other.line)
        assert.ok(one.moment < other.moment, `${String(other.number)} overtook ${String(one.number)}`);
}

async function tell(told: Story): Promise<void> {
  const world = await worldOf(told);
  const { clock, witness, queue } = world;
  const calls: Promise<unknown>[] = [];
  for (const [number, one] of world.callers.entries())
    clock.after(one.atMs, () => {
      calls.push(call(world, number, one));
    });
  clock.after(world.closeAtMs, () => {
    close(world);
  });
  await clock.advance(300_000);
  await world.closed;
  await Promise.all(calls);
  assert.equal(witness.overlaps, 0, 'never two on the wire');
  assert.deepEqual(queue.stats().waiting, { command: 0, poll: 0 });
  assert.equal(queue.stats().busy, false);
  assert.equal(clock.waiting, 0, 'no timer is left');
  for (const [number, one] of world.callers.entries()) checkOne(world, number, one);
  checkOrder(world);
  checkClose(world);
  for (const troubles of world.rests) assert.ok(troubles >= 3, 'no evidence from what was not on the wire');
}

test('what a caller is told is what was on the wire', async () => {
  const numRuns = Number(process.env['PASSAGE_RUNS'] ?? 200);
  await fc.assert(fc.asyncProperty(story, tell), { numRuns });
});
