// Which time a sample has: one table, whoever sent it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evenUntil, jumpSince, withNext, type Stretches } from '../../../bridge/recording/clock-stretches.js';
import {
  timeOf,
  type GivenTime,
  type OwnClock,
  type SampleTime,
} from '../../../bridge/recording/sample-time.js';

const HOUR = 3_600_000;
const SET = Date.UTC(2026, 10, 27, 10);
const BOOT = 'boot-a';

/** What the wall clock shows more than the monotonic one, and whether it is doubted: each for a minute, from 0 on. */
function clockOf(...stretches: readonly (readonly [aheadMs: number, isDoubted: boolean])[]): OwnClock {
  let kept: Stretches = [];
  for (const [index, [aheadMs, isDoubted]] of stretches.entries()) {
    const monotonicMs = index * 60_000;
    const next = { run: `${BOOT}/${String(index)}`, isDoubted };
    kept = withNext(kept, { wallTs: aheadMs + monotonicMs, monotonicMs }, next);
  }
  const monotonicMs = stretches.length * 60_000;
  const wallTs = (stretches.at(-1)?.[0] ?? 0) + monotonicMs;
  return { boot: BOOT, clocks: { wallTs, monotonicMs }, stretches: kept };
}

const BELIEVED = clockOf([SET, false]);
const DOUBTED = clockOf([SET, true]);
const IN_1970 = clockOf([0, true]);
/** An hour behind at first. */
const SET_RIGHT = clockOf([SET, true], [SET + HOUR, false]);
const JUST_FOUND_RIGHT = clockOf([SET, true], [SET, false]);
const SET_TWICE = clockOf([SET, true], [SET + HOUR, true], [SET - HOUR, false]);
const SET_AND_STILL_DOUBTED = clockOf([SET, true], [SET + HOUR, true]);
const BACK_INTO_THE_SAME_TIMES = clockOf([SET, true], [SET - 30_000, true]);

type Case = readonly [what: string, given: GivenTime, clock: OwnClock, expected: SampleTime | RegExp];

const now = ({ clocks }: OwnClock): number => clocks.wallTs;
const marked = (ts: number, run?: string): SampleTime => ({
  ts,
  clock: 'unsynchronised',
  ...(run === undefined ? {} : { run }),
});
const corrected = (ts: number): SampleTime => ({ ts, clock: 'corrected' });
const reading = (ts: number): GivenTime => ({ by: 'reading', ts });
const UNMARKED = { by: 'client' } as const;
const DOUBTFUL = { by: 'client', clock: 'unsynchronised' } as const;

const CASES: readonly Case[] = [
  ['a reading, the clock believed', reading(SET + 59_000), BELIEVED, { ts: SET + 59_000 }],
  ['a reading, the clock doubted', reading(SET + 59_000), DOUBTED, marked(SET + 59_000, 'boot-a/0')],
  ['a reading of before the clock was set', reading(SET + 59_000), SET_RIGHT, corrected(SET + 59_000 + HOUR)],
  ['a reading of after it', reading(SET + HOUR + 61_000), SET_RIGHT, { ts: SET + HOUR + 61_000 }],
  [
    'a reading that waited while the clock was found right',
    reading(SET + 5000),
    JUST_FOUND_RIGHT,
    { ts: SET + 5000 },
  ],
  [
    'a reading of the first of three: to the one that is believed',
    reading(SET + 5000),
    SET_TWICE,
    corrected(SET + 5000 - HOUR),
  ],
  [
    'a reading of the second of three',
    reading(SET + HOUR + 61_000),
    SET_TWICE,
    corrected(SET + 61_000 - HOUR),
  ],
  [
    'a reading of before, and still no clock is believed',
    reading(SET + 5000),
    SET_AND_STILL_DOUBTED,
    corrected(SET + 5000 + HOUR),
  ],
  [
    'a reading of after, and still none is',
    reading(SET + HOUR + 61_000),
    SET_AND_STILL_DOUBTED,
    marked(SET + HOUR + 61_000, 'boot-a/1'),
  ],
  [
    'a time that the clock showed twice is the newer one',
    reading(SET + 50_000),
    BACK_INTO_THE_SAME_TIMES,
    marked(SET + 50_000, 'boot-a/1'),
  ],
  [
    'a time that the clock never showed is nobody’s to move',
    reading(SET - 5 * HOUR),
    DOUBTED,
    marked(SET - 5 * HOUR),
  ],
  ['fractions of a millisecond are cut', reading(SET + 59_000.9), BELIEVED, { ts: SET + 59_000 }],

  [
    'own, published as marked, kept in the same stretch',
    { by: 'own', ts: SET + 59_000, clock: 'unsynchronised' },
    DOUBTED,
    marked(SET + 59_000, 'boot-a/0'),
  ],
  [
    'own, published as marked, kept after the jump',
    { by: 'own', ts: SET + 59_000, clock: 'unsynchronised' },
    SET_RIGHT,
    corrected(SET + 59_000 + HOUR),
  ],
  [
    'own, published as corrected',
    { by: 'own', ts: SET + 59_000, clock: 'corrected' },
    SET_AND_STILL_DOUBTED,
    corrected(SET + 59_000),
  ],
  ['own, unmarked, whatever its time', { by: 'own', ts: 5 }, DOUBTED, { ts: 5 }],

  ['a client without a time, the clock believed', UNMARKED, BELIEVED, { ts: now(BELIEVED) }],
  ['a client without a time, the clock doubted', UNMARKED, DOUBTED, marked(now(DOUBTED), 'boot-a/0')],
  ['a client without a time, in 1970', UNMARKED, IN_1970, marked(60_000, 'boot-a/0')],
  [
    'a client with a boot and without a time, the clock doubted',
    { ...UNMARKED, boot: '7' },
    DOUBTED,
    marked(now(DOUBTED), 'boot-a/0'),
  ],
  ['a client without a time, whatever mark it sends', DOUBTFUL, BELIEVED, { ts: now(BELIEVED) }],
  ['a client’s time, the clock believed', { ...UNMARKED, ts: SET - HOUR }, BELIEVED, { ts: SET - HOUR }],
  [
    'a client’s time, the clock doubted: it is not ours',
    { ...UNMARKED, ts: SET - HOUR },
    DOUBTED,
    { ts: SET - HOUR },
  ],
  [
    'a client’s time that its clock doubts: not ours either',
    { ...DOUBTFUL, ts: SET + 30_000 },
    DOUBTED,
    marked(SET + 30_000),
  ],
  ['the same after our clock was set', { ...DOUBTFUL, ts: SET + 30_000 }, SET_RIGHT, marked(SET + 30_000)],
  [
    'another gateway’s that was corrected',
    { by: 'client', ts: SET, clock: 'corrected', boot: 'other' },
    DOUBTED,
    corrected(SET),
  ],
  [
    'another gateway’s that is doubted',
    { ...DOUBTFUL, ts: SET + 30_000, boot: 'other' },
    SET_RIGHT,
    marked(SET + 30_000),
  ],
  ['a client whose clock was never set', { ...UNMARKED, ts: 5000 }, BELIEVED, marked(now(BELIEVED))],
  [
    'a client whose clock was never set, ours doubted',
    { ...UNMARKED, ts: 5000 },
    DOUBTED,
    marked(now(DOUBTED), 'boot-a/0'),
  ],
  [
    'neither clock was ever set',
    { ...UNMARKED, ts: 40 * 24 * HOUR - 5 },
    clockOf([40 * 24 * HOUR, true]),
    { ts: 40 * 24 * HOUR - 5 },
  ],
  ['beyond every clock', { ...UNMARKED, ts: 5e12 }, BELIEVED, /^ts: 5000000000000 is in the year 2128/],

  [
    'this run’s, back from a broker in the same stretch',
    { ...DOUBTFUL, ts: SET + 5000, boot: BOOT },
    DOUBTED,
    marked(SET + 5000, 'boot-a/0'),
  ],
  [
    'this run’s, back after the jump',
    { ...DOUBTFUL, ts: SET + 5000, boot: BOOT },
    SET_RIGHT,
    corrected(SET + 5000 + HOUR),
  ],
  [
    'this run’s, back after the clock was found right',
    { ...DOUBTFUL, ts: SET + 5000, boot: BOOT },
    JUST_FOUND_RIGHT,
    marked(SET + 5000),
  ],
  [
    'this run’s, it says, of a time that there was not',
    { ...DOUBTFUL, ts: 5000, boot: BOOT },
    BELIEVED,
    marked(now(BELIEVED)),
  ],
];

for (const [what, given, clock, expected] of CASES)
  test(what, () => {
    if (expected instanceof RegExp)
      assert.throws(() => timeOf(given, clock), { message: expected, code: 'bad_payload' });
    else assert.deepEqual(timeOf(given, clock), expected);
  });

test('two seconds are a jump; less is slewing, however often, and moves what the clock is compared with', () => {
  let stretches = withNext([], { wallTs: SET, monotonicMs: 0 }, { run: 'a/0', isDoubted: true });
  let aheadMs = SET;
  for (let monotonicMs = 1000; monotonicMs < 60_000; monotonicMs += 1000) {
    aheadMs += 1999;
    const clocks = { wallTs: aheadMs + monotonicMs, monotonicMs };
    assert.equal(jumpSince(stretches, clocks), 0);
    stretches = evenUntil(stretches, clocks);
  }
  const at = (offsetMs: number): number =>
    jumpSince(stretches, { wallTs: aheadMs + 60_000 + offsetMs, monotonicMs: 60_000 });
  assert.deepEqual([1999, 2000, -1999, -2000, HOUR].map(at), [0, 2000, 0, -2000, HOUR]);
});

test('a clock that jumps without end is remembered for a bounded time', () => {
  let stretches: Stretches = [];
  for (let monotonicMs = 0; monotonicMs < 1e6; monotonicMs += 1000)
    stretches = withNext(stretches, { wallTs: 9 * monotonicMs, monotonicMs }, { run: 'a', isDoubted: true });
  assert.equal(stretches.length, 32);
});
