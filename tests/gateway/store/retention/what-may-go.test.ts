// What may go, over clocks that walk at random: against a plain account of when each sample was taken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  beginRun,
  NOTHING_SAID,
  parseRecord,
  readClocks,
  recordText,
  since,
  upMsOf,
  type ClockRecord,
} from '../../../../gateway/store/retention/clock-record.js';
import { mayGoByAge, mayGoForRoom } from '../../../../gateway/store/retention/what-may-go.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KEEP = 30 * DAY;

/** One thing that befalls a gateway. Times in ms. */
type Event =
  | { readonly is: 'runs'; readonly forMs: number }
  | { readonly is: 'jumps'; readonly byMs: number }
  /** Off for so long; `atTs`: what the clock shows at the start, where it has no battery. */
  | { readonly is: 'restarts'; readonly offMs: number; readonly atTs?: number };

const span = fc.oneof(
  fc.integer({ min: 1, max: 30 * MINUTE }),
  fc.integer({ min: HOUR, max: 2 * DAY }),
  fc.integer({ min: DAY, max: 20 * DAY }),
);
const far = fc.constantFrom(10 * 365 * DAY, 40 * DAY, 7 * DAY, 2 * HOUR, 90 * MINUTE);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: span.map((forMs): Event => ({ is: 'runs', forMs })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(far, fc.constantFrom(1, -1))
      .map(([by, sign]): Event => ({ is: 'jumps', byMs: by * sign })),
  },
  { weight: 2, arbitrary: span.map((offMs): Event => ({ is: 'restarts', offMs })) },
  { weight: 1, arbitrary: span.map((offMs): Event => ({ is: 'restarts', offMs, atTs: MINUTE })) },
);

interface Taken {
  readonly ts: number;
  /** By the monotonic clock, which is true: how long the gateway had been running. */
  readonly upMs: number;
}

/** A gateway that takes a sample and reads its clocks at least every `EVERY`, as long as it runs. */
class Walk {
  #record: ClockRecord = NOTHING_SAID;
  #wallTs = Date.UTC(2026, 10, 1);
  upMs = 0;
  readonly taken: Taken[] = [];
  /** Where the samples of a run lie that are moved, since the clock was set ahead in it. */
  readonly moved: Taken[] = [];
  #runFrom = 0;
  /** Of what was kept when it was killed. */
  #kept: ClockRecord = NOTHING_SAID;

  constructor() {
    this.#record = beginRun(this.#record, this.#wallTs);
  }

  get wallTs(): number {
    return this.#wallTs;
  }

  get mayGo(): ReturnType<typeof mayGoByAge> {
    return mayGoByAge(since(this.#record, upMsOf(this.#record) - 2 * KEEP), KEEP);
  }

  run(event: Event): void {
    if (event.is === 'jumps') this.#jump(event.byMs);
    else if (event.is === 'restarts') {
      this.#wallTs = event.atTs ?? this.#wallTs + event.offMs;
      this.#record = beginRun(parseRecord(recordText(this.#kept)) ?? NOTHING_SAID, this.#wallTs);
      this.#runFrom = this.taken.length;
    }
    this.#look(0);
    for (let left = event.is === 'runs' ? event.forMs : 0; left > 0; left -= STEP)
      this.#look(Math.min(left, STEP));
  }

  #jump(byMs: number): void {
    this.#wallTs += byMs;
    if (byMs < 0) return;
    for (const { upMs } of this.taken.slice(this.#runFrom))
      this.moved.push({ ts: this.#wallTs - (this.upMs - upMs), upMs });
  }

  #look(elapsedMs: number): void {
    this.#wallTs += elapsedMs;
    this.upMs += elapsedMs;
    this.#record = readClocks(this.#record, this.#wallTs, elapsedMs);
    this.taken.push({ ts: this.#wallTs, upMs: this.upMs });
    this.#kept = this.#record;
  }
}

const STEP = 6 * HOUR;
/** By hand more: GO_WALKS=5000. */
const WALKS = Number(process.env['GO_WALKS'] ?? 400);

function goes(walk: Walk, ts: number): boolean {
  return walk.mayGo.some(({ fromTs, toTs }) => ts >= fromTs && ts < toTs);
}

test('nothing that is younger than keep by the monotonic clock may go; what is older by both may within a day', () => {
  const property = fc.property(fc.array(event, { minLength: 1, maxLength: 14 }), (events) => {
    const walk = new Walk();
    for (const happened of events) {
      walk.run(happened);
      const ranges = walk.mayGo;
      const all = [...walk.taken, ...walk.moved];
      for (const { ts, upMs } of all) {
        const gone = ranges.some(({ fromTs, toTs }) => ts >= fromTs && ts < toTs);
        const upAge = walk.upMs - upMs;
        if (gone) assert.ok(upAge >= KEEP, `${String(upAge / DAY)} days old, and gone`);
        // Another sample of the same moment on the wall may be younger: they can't be told apart.
        const newest = Math.max(
          ...all.filter((other) => Math.abs(other.ts - ts) <= STEP + 2 * HOUR).map((other) => other.upMs),
        );
        const isOld = walk.upMs - newest > KEEP + DAY && walk.wallTs - ts > KEEP + DAY;
        if (isOld) assert.ok(gone, `${String((walk.upMs - newest) / DAY)} days old by both, and kept`);
      }
    }
  });
  fc.assert(property, { numRuns: WALKS });
});

test('a board that begins in 1970 every day, on for twelve hours, lets go what it took sixty days ago', () => {
  const walk = new Walk();
  const first = walk.wallTs;
  for (let day = 1; day <= 61; day += 1) {
    walk.run({ is: 'runs', forMs: 12 * HOUR });
    walk.run({ is: 'restarts', offMs: 12 * HOUR, atTs: MINUTE });
    walk.run({ is: 'runs', forMs: MINUTE });
    walk.run({ is: 'jumps', byMs: first + day * DAY - walk.wallTs });
  }
  assert.ok(goes(walk, first + HOUR));
  assert.ok(!goes(walk, first + 2 * DAY));
});

test('a clock that is ten years ahead for a month deletes nothing of that month, nor of the one before', () => {
  const walk = new Walk();
  const first = walk.wallTs;
  walk.run({ is: 'runs', forMs: 10 * DAY });
  walk.run({ is: 'restarts', offMs: 3 * HOUR });
  walk.run({ is: 'runs', forMs: DAY });
  walk.run({ is: 'jumps', byMs: 3650 * DAY });
  walk.run({ is: 'runs', forMs: 18 * DAY });
  for (const { ts } of walk.taken) assert.ok(!goes(walk, ts));
  // A client's own times, from while it was off.
  assert.ok(!goes(walk, first + 10 * DAY + HOUR));
  walk.run({ is: 'runs', forMs: 3 * DAY });
  assert.ok(goes(walk, first + HOUR));
});

test('hundreds of starts are kept in few stretches, and damage of the record is nothing said', () => {
  let record = NOTHING_SAID;
  for (let start = 0; start < 2000; start += 1)
    record = readClocks(beginRun(record, start * HOUR), start * HOUR + MINUTE, MINUTE);
  assert.ok(record.stretches.length <= 512);
  assert.equal(upMsOf(record), 2000 * MINUTE);
  assert.deepEqual(parseRecord(recordText(record))?.stretches, record.stretches);
  for (const text of ['', '[[1,2,3]]', '[[1,2,3,"x"]]', '{"trustedTs":5}', '[[1,2'])
    assert.equal(parseRecord(text), undefined);
});

test('for room the oldest may go where the file is full, and where the disk is only by choice', () => {
  const no = { nearsItsSize: false, diskIsShort: false };
  assert.equal(mayGoForRoom(no, 'drop-oldest'), false);
  assert.equal(mayGoForRoom({ ...no, nearsItsSize: true }, 'refuse'), true);
  assert.equal(mayGoForRoom({ ...no, diskIsShort: true }, 'refuse'), false);
  assert.equal(mayGoForRoom({ ...no, diskIsShort: true }, 'drop-oldest'), true);
});
