// Retention on a rhythm of its own: reads the clocks, keeps what they said, and has everything deleted that may go.
import type { Clock, Log } from '../../../shared/ports.js';
import type { StoreLink } from '../thread/link.js';
import {
  beginRun,
  NOTHING_SAID,
  parseRecord,
  readClocks,
  recordText,
  since,
  upMsOf,
  type ClockRecord,
} from '../retention/clock-record.js';
import { mayGoByAge, type Range } from '../retention/what-may-go.js';

export interface RetentionKeeperOptions {
  readonly link: Pick<StoreLink, 'call'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How old a sample or an entry of the logbook must be to go; undefined: never for its age. */
  readonly keepMs?: number;
}

/** A jump of the wall clock is seen at the latest after this long; sooner where samples come. */
const LOOK_EVERY_MS = 60_000;
/** Removing a chunk is cheap; once in ten minutes keeps the file near its size. */
const ROUND_EVERY_MS = 600_000;
/** Rows a step takes at once: a few milliseconds, so that no append waits longer for its commit. */
const CHUNK_ROWS = 1000;
/** Steps of one round: what is left goes with the next, so that a shorter `keep` keeps the disk busy for no minutes. */
const MOST_STEPS = 200;
/** What a file of before there was a record is taken for: as old as its times say. */
const LONG_AGO_MS = 10 * 365 * 86_400_000;

export class RetentionKeeper {
  readonly #options: RetentionKeeperOptions;
  #record: ClockRecord = NOTHING_SAID;
  #readMs = 0;
  #roundDueMs = 0;
  #round: Promise<number> | undefined;
  #cancel = (): void => undefined;

  constructor(options: RetentionKeeperOptions) {
    this.#options = options;
  }

  /** Rejects with the store's error. */
  async start(): Promise<void> {
    const { link, clock } = this.#options;
    const { record, newestTs } = await link.call('retention', null);
    this.#record = beginRun(recordOf(record, newestTs), clock.now());
    this.#readMs = clock.monotonicMs();
    this.#roundDueMs = this.#readMs + LOOK_EVERY_MS;
    this.#later();
  }

  stop(): void {
    this.#cancel();
  }

  /** Before a sample is kept: whatever the wall clock shows just now, it is known what was on it. */
  look(): void {
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#record = readClocks(this.#record, clock.now(), Math.max(0, nowMs - this.#readMs));
    this.#readMs = nowMs;
  }

  /** What is old enough now; for the logbook and for MongoDB as well. */
  mayGo(): readonly Range[] {
    this.look();
    const { keepMs } = this.#options;
    return keepMs === undefined ? [] : mayGoByAge(this.#record, keepMs);
  }

  /** Removes what may go, step after step; resolves with the number of samples. One at a time. */
  prune(): Promise<number> {
    this.#round ??= this.#prune().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async #prune(): Promise<number> {
    const { link, keepMs } = this.#options;
    const ranges = this.mayGo();
    if (keepMs !== undefined) this.#record = since(this.#record, upMsOf(this.#record) - 2 * keepMs);
    await link.call('keepRecord', { record: recordText(this.#record) });
    let removed = 0;
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const { samples, entries } = await link.call('prune', { ranges, chunkRows: CHUNK_ROWS });
      removed += samples;
      if (samples + entries === 0) break;
    }
    if (removed > 0) await link.call('sweep', { beforeTs: ranges.at(-1)?.toTs ?? Number.MIN_SAFE_INTEGER });
    return removed;
  }

  #later(): void {
    const { clock, log } = this.#options;
    this.#cancel = clock.after(LOOK_EVERY_MS, () => {
      this.look();
      this.#later();
      if (this.#readMs < this.#roundDueMs || this.#round !== undefined) return;
      this.#roundDueMs = this.#readMs + ROUND_EVERY_MS;
      this.prune().catch((err: unknown) => {
        log.warn({ err }, 'retention of the store failed; it is tried again in ten minutes');
      });
    });
  }
}

function recordOf(text: string | null, newestTs: number | null): ClockRecord {
  const record = text === null ? undefined : parseRecord(text);
  if (record !== undefined || newestTs === null) return record ?? NOTHING_SAID;
  const all = { fromTs: newestTs - LONG_AGO_MS, toTs: newestTs, fromUpMs: -LONG_AGO_MS, toUpMs: 0 };
  return { stretches: [all], runUpMs: 0 };
}
