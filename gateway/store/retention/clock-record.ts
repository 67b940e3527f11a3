// What the clocks have said so far: stretches in which the wall clock ran evenly with the monotonic one. A wall clock that
// jumps, and every start of the process, begins a new one. From it follows how old a sample is by the monotonic clock,
// whose time is counted on over restarts: only while the gateway runs, so time off is never taken for age by mistake.

/** At `toTs` on the wall the gateway had been running for `toUpMs` in all; likewise at its beginning. */
export interface EvenStretch {
  readonly fromTs: number;
  readonly toTs: number;
  readonly fromUpMs: number;
  readonly toUpMs: number;
}

export interface ClockRecord {
  /** In the order of `toUpMs`; the last one goes on. */
  readonly stretches: readonly EvenStretch[];
  /** `toUpMs` at the beginning of this run of the process. */
  readonly runUpMs: number;
}

/** Less is NTP's slewing, or two clocks that are read one after the other on a busy machine. */
const EVEN_WITHIN_MS = 1000;
/** Some tens a day for months; beyond it the oldest two become one. */
const MOST_STRETCHES = 512;

export const NOTHING_SAID: ClockRecord = { stretches: [], runUpMs: 0 };

/** The process has started, with this on the wall. */
export function beginRun(record: ClockRecord, wallTs: number): ClockRecord {
  const upMs = upMsOf(record);
  return { stretches: bounded([...record.stretches, startingAt(wallTs, wallTs, upMs, upMs)]), runUpMs: upMs };
}

/** The clocks say this, `elapsedMs` on the monotonic one after they were last read. */
export function readClocks(record: ClockRecord, wallTs: number, elapsedMs: number): ClockRecord {
  const last = record.stretches.at(-1);
  if (last === undefined) return beginRun(record, wallTs);
  const upMs = last.toUpMs + elapsedMs;
  const aheadMs = wallTs - last.fromTs - (upMs - last.fromUpMs);
  if (Math.abs(aheadMs) <= EVEN_WITHIN_MS)
    return {
      ...record,
      stretches: [...record.stretches.slice(0, -1), { ...last, toTs: wallTs, toUpMs: upMs }],
    };
  // Set ahead: the samples of this run may be moved by as much, to where they would have been by the clock of now.
  const back = aheadMs > 0 ? upMs - record.runUpMs : 0;
  return {
    ...record,
    stretches: bounded([...record.stretches, startingAt(wallTs - back, wallTs, upMs - back, upMs)]),
  };
}

export function upMsOf({ stretches }: ClockRecord): number {
  return stretches.at(-1)?.toUpMs ?? 0;
}

/** Without what ended before `upMs`. */
export function since(record: ClockRecord, upMs: number): ClockRecord {
  return {
    ...record,
    stretches: record.stretches.filter(
      ({ toUpMs }, index, { length }) => toUpMs >= upMs || index === length - 1,
    ),
  };
}

function startingAt(fromTs: number, toTs: number, fromUpMs: number, toUpMs: number): EvenStretch {
  return { fromTs, toTs, fromUpMs, toUpMs };
}

function bounded(stretches: readonly EvenStretch[]): readonly EvenStretch[] {
  const [first, second, ...rest] = stretches;
  if (stretches.length <= MOST_STRETCHES || first === undefined || second === undefined) return stretches;
  const both = {
    fromTs: Math.min(first.fromTs, second.fromTs),
    toTs: Math.max(first.toTs, second.toTs),
    fromUpMs: first.fromUpMs,
    toUpMs: second.toUpMs,
  };
  return [both, ...rest];
}

/** As it is kept: JSON. undefined where it is damaged, or of before there was one. */
export function parseRecord(text: string): ClockRecord | undefined {
  try {
    const kept: unknown = JSON.parse(text);
    if (!Array.isArray(kept)) return undefined;
    const stretches = kept.map((row: unknown): EvenStretch => {
      const numbers = Array.isArray(row) ? row.map(Number) : [];
      const [fromTs = Number.NaN, toTs = Number.NaN, fromUpMs = Number.NaN, toUpMs = Number.NaN] = numbers;
      return { fromTs, toTs, fromUpMs, toUpMs };
    });
    const isSound = stretches.every((stretch) => Object.values(stretch).every(Number.isFinite));
    return isSound ? { stretches, runUpMs: stretches.at(-1)?.toUpMs ?? 0 } : undefined;
  } catch {
    // No JSON: one byte of it is damaged. Who asks begins anew.
    return undefined;
  }
}

export function recordText({ stretches }: ClockRecord): string {
  return JSON.stringify(
    stretches.map(({ fromTs, toTs, fromUpMs, toUpMs }) => [fromTs, toTs, fromUpMs, toUpMs]),
  );
}
