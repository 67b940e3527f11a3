// Every sample has the right time in the end: clocks that walk at random, on a real file, against a plain account of who gave
// each time and what happened to that clock afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { storePath } from '../../../gateway/store/file/store.js';
import { loadSqlite } from '../../../gateway/store/sqlite/load.js';
import type { SqliteEngine } from '../../../gateway/store/sqlite/engine.js';
import type { ClockMark } from '../../../shared/sample.js';
import { FakeClock } from '../../support/fake-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { Run, type Found } from './times-world.js';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const TODAY = Date.UTC(2026, 10, 27, 10);
const MINUTE_OF_1970 = 60 * SECOND;

type Event =
  | { readonly is: 'passes'; readonly seconds: number }
  /** By two seconds and more, or slewed by less. */
  | { readonly is: 'jumps'; readonly byMs: number }
  /** NTP: the clock is right, and the machine says so from now on. */
  | { readonly is: 'set right' }
  | { readonly is: 'reading' }
  /** Read before the clock jumps, and kept after it. */
  | { readonly is: 'reading over a jump'; readonly byMs: number }
  | {
      readonly is: 'client';
      readonly ts?: 'near' | 'never set';
      readonly mark: boolean;
      readonly boot: boolean;
    }
  | { readonly is: 'taken over'; readonly limit: number }
  | { readonly is: 'refused' }
  /** The disk is full, or has room again. */
  | { readonly is: 'corrections'; readonly fail: boolean }
  | {
      readonly is: 'restart';
      readonly synchronised: boolean;
      readonly at: 'in 1970' | 'as it was' | 'an hour off';
    };

const far = fc
  .tuple(
    fc.constantFrom(5 * SECOND, 90 * 60 * SECOND, 2 * HOUR, 40 * 24 * HOUR, TODAY),
    fc.constantFrom(1, -1),
  )
  .map(([byMs, sign]) => byMs * sign);
const slew = fc.constantFrom(-1500, -200, 200, 1500);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ is: fc.constant('reading' as const) }) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(undefined, 'near' as const, 'never set' as const), fc.boolean(), fc.boolean())
      .map(([ts, mark, boot]): Event => ({ is: 'client', ...(ts === undefined ? {} : { ts }), mark, boot })),
  },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 5 }).map((seconds): Event => ({ is: 'passes', seconds })),
  },
  { weight: 3, arbitrary: fc.oneof(far, slew).map((byMs): Event => ({ is: 'jumps', byMs })) },
  { weight: 1, arbitrary: far.map((byMs): Event => ({ is: 'reading over a jump', byMs })) },
  { weight: 2, arbitrary: fc.constant<Event>({ is: 'set right' }) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 9 }).map((limit): Event => ({ is: 'taken over', limit })),
  },
  { weight: 1, arbitrary: fc.constant<Event>({ is: 'refused' }) },
  { weight: 1, arbitrary: fc.boolean().map((fail): Event => ({ is: 'corrections', fail })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.boolean(), fc.constantFrom('in 1970' as const, 'as it was' as const, 'an hour off' as const))
      .map(([synchronised, at]): Event => ({ is: 'restart', synchronised, at })),
  },
);

/** Of one run: from a start or a jump to the next one. */
interface Stretch {
  readonly isDoubted: boolean;
}

interface Expected {
  readonly n: number;
  ts: number;
  clock?: ClockMark;
  /** Whose jump moves it. */
  readonly givenIn?: Stretch;
}

/** What each sample's time has to be, told what happens. */
class Account {
  readonly samples: Expected[] = [];
  corrected = 0;
  correctionsFail = false;
  synchronised: boolean;
  #stretch: Stretch;
  /** The wall clock was moved by so much since somebody last looked. */
  #unseenMs = 0;

  constructor(synchronised: boolean) {
    this.synchronised = synchronised;
    this.#stretch = { isDoubted: !synchronised };
  }

  restarts(synchronised: boolean): void {
    this.synchronised = synchronised;
    this.#stretch = { isDoubted: !synchronised };
    this.#unseenMs = 0;
    this.corrected = 0;
    this.correctionsFail = false;
  }

  moves(byMs: number): void {
    this.#unseenMs += byMs;
  }

  /** Once a second. */
  ticks(): void {
    this.looks();
    if (this.#stretch.isDoubted && this.synchronised) this.#stretch = { isDoubted: false };
  }

  /** Also before each sample. By how much the clock has jumped. */
  looks(): number {
    const offsetMs = this.#unseenMs;
    this.#unseenMs = 0;
    if (Math.abs(offsetMs) < 2 * SECOND) return 0;
    const ended = this.#stretch;
    this.#stretch = { isDoubted: ended.isDoubted && !this.synchronised };
    if (!ended.isDoubted || this.correctionsFail) return offsetMs;
    for (const sample of this.samples)
      if (sample.givenIn === ended && sample.clock === 'unsynchronised') {
        sample.ts += offsetMs;
        sample.clock = 'corrected';
        this.corrected += 1;
      }
    return offsetMs;
  }

  givenHere(ts: number): void {
    this.looks();
    const { isDoubted } = this.#stretch;
    this.#add({ ts, ...(isDoubted ? { clock: 'unsynchronised', givenIn: this.#stretch } : {}) });
  }

  readBeforeJump(ts: number): void {
    const { isDoubted } = this.#stretch;
    const offsetMs = this.looks();
    this.#add(isDoubted ? { ts: ts + offsetMs, clock: 'corrected' } : { ts });
  }

  neverSet(now: number): void {
    this.looks();
    this.#add({
      ts: now,
      clock: 'unsynchronised',
      ...(this.#stretch.isDoubted ? { givenIn: this.#stretch } : {}),
    });
  }

  givenElsewhere(ts: number, clock: ClockMark | undefined): void {
    this.looks();
    this.#add({ ts, ...(clock === undefined ? {} : { clock }) });
  }

  found(): readonly Found[] {
    return this.samples.map(({ n, ts, clock }) => ({ n, ts, ...(clock === undefined ? {} : { clock }) }));
  }

  #add(sample: Omit<Expected, 'n'>): void {
    this.samples.push({ n: this.samples.length, ...sample });
  }
}

class Walk {
  readonly #engine: SqliteEngine;
  readonly #path: string;
  readonly #clock: FakeClock;
  readonly #account: Account;
  #run: Run;
  #runs = 0;

  constructor(
    engine: SqliteEngine,
    path: string,
    first: { readonly synchronised: boolean; readonly ts: number },
  ) {
    this.#engine = engine;
    this.#path = path;
    this.#clock = new FakeClock(first.ts);
    this.#account = new Account(first.synchronised);
    this.#run = this.#newRun();
  }

  async go(events: readonly Event[]): Promise<void> {
    await this.#run.start();
    for (const each of events) await this.#meet(each);
    await this.#check();
    await this.#run.stop();
  }

  #newRun(): Run {
    this.#runs += 1;
    const boot = `boot-${String(this.#runs)}`;
    return new Run(this.#engine, this.#path, this.#clock, boot, () => this.#account.synchronised);
  }

  async #meet(met: Event): Promise<void> {
    const [account, clock] = [this.#account, this.#clock];
    if (met.is === 'passes') {
      account.ticks();
      await clock.advance(met.seconds * SECOND);
    } else if (met.is === 'jumps') this.#jump(met.byMs);
    else if (met.is === 'set right') {
      this.#jump(TODAY - clock.now());
      account.synchronised = true;
    } else if (met.is === 'reading') {
      account.givenHere(clock.now());
      await this.#run.keepReading(account.samples.length - 1, clock.now());
    } else if (met.is === 'reading over a jump') await this.#readOverJump(met.byMs);
    else if (met.is === 'client') await this.#hear(met);
    else if (met.is === 'taken over') this.#run.takeOver(met.limit);
    else if (met.is === 'refused') this.#run.refuseOldest();
    else if (met.is === 'corrections') this.#run.correctionsFail = account.correctionsFail = met.fail;
    else await this.#restart(met);
  }

  #jump(byMs: number): void {
    // Nobody's clock goes back beyond 1970, nor shows a time that is none.
    const now = this.#clock.now();
    const moved = Math.min(Math.max(byMs, MINUTE_OF_1970 - now), 4e12 - now);
    this.#clock.jumpWallClock(moved);
    this.#account.moves(moved);
  }

  async #readOverJump(byMs: number): Promise<void> {
    await this.#meet({ is: 'passes', seconds: 1 });
    const readTs = this.#clock.now();
    this.#jump(byMs);
    // A clock that can't go back that far has not jumped.
    if (Math.abs(this.#clock.now() - readTs) < 5 * SECOND) return;
    this.#account.readBeforeJump(readTs);
    await this.#run.keepReading(this.#account.samples.length - 1, readTs);
  }

  async #hear({ ts, mark, boot }: Extract<Event, { readonly is: 'client' }>): Promise<void> {
    const account = this.#account;
    const now = this.#clock.now();
    const clock = mark ? { clock: 'unsynchronised' as const } : {};
    const n = account.samples.length;
    const payload = { values: { n }, ...clock, ...(boot ? { boot: 'esp', seq: n } : {}) };
    if (ts === undefined) account.givenHere(now);
    else if (ts === 'never set' && now >= 1e12) account.neverSet(now);
    else account.givenElsewhere(ts === 'near' ? now + 7 : 5, clock.clock);
    // Fractions are cut.
    const sent = ts === undefined ? {} : { ts: ts === 'near' ? now + 7.75 : 5.5 };
    await this.#run.publish({ ...payload, ...sent });
  }

  async #restart({ synchronised, at }: Extract<Event, { readonly is: 'restart' }>): Promise<void> {
    await this.#check();
    await this.#run.stop();
    const toTs = { 'in 1970': MINUTE_OF_1970, 'as it was': this.#clock.now(), 'an hour off': TODAY - HOUR };
    this.#clock.jumpWallClock(toTs[at] - this.#clock.now());
    this.#account.restarts(synchronised);
    this.#run = this.#newRun();
    await this.#run.start();
  }

  async #check(): Promise<void> {
    await this.#run.said();
    assert.deepEqual(this.#run.all(), this.#account.found());
    assert.equal(this.#run.corrected, this.#account.corrected, 'as the events say');
  }
}

test('each sample has the time that who gave it would give it now, whatever the clock did, moved once or never', async (t) => {
  const engine = await loadSqlite();
  const folder = await temporaryFolder(t);
  const first = fc.record({
    synchronised: fc.boolean(),
    ts: fc.constantFrom(MINUTE_OF_1970, TODAY - 2 * HOUR),
  });
  let cases = 0;
  await fc.assert(
    fc.asyncProperty(first, fc.array(event, { maxLength: 60, size: 'max' }), async (start, events) => {
      cases += 1;
      await new Walk(engine, `${storePath(folder)}-${String(cases)}`, start).go(events);
    }),
    { numRuns: Number(process.env['TIME_WALKS'] ?? 40) },
  );
});
