// The last quarter of an hour of a field, in a bounded number of steps: what a small line shows.
const STEP_MS = 10_000;
export const TREND_MS = 15 * 60_000;
const MOST_STEPS = TREND_MS / STEP_MS;

interface Step {
  /** The number of the step since the epoch. */
  readonly at: number;
  readonly count: number;
  readonly mean: number;
}

export interface TrendLine {
  /** For a box of 100 by 20. One text for each stretch without a gap. */
  readonly lines: readonly string[];
  readonly low: number;
  readonly high: number;
  /** How far back it reaches. */
  readonly ms: number;
}

export class Trend {
  #steps: Step[] = [];
  /** Of the last that came too early, if nothing came in its time since. */
  #tooEarlyTs: number | undefined;
  /** Whether the recorder was asked for what was before the page was opened. */
  isAsked = false;

  /** Steps of the recorder. */
  get points(): number {
    return MOST_STEPS;
  }

  /** `ts` in epoch ms. What comes too early is passed over, unless time goes on from there: then the clock was set back. */
  add(ts: number, value: number): void {
    const at = Math.floor(ts / STEP_MS);
    if (at < (this.#steps.at(-1)?.at ?? at) && !this.#isSetBack(ts)) return;
    this.#tooEarlyTs = undefined;
    const last = this.#steps.at(-1);
    if (last?.at === at) {
      const count = last.count + 1;
      this.#steps[this.#steps.length - 1] = { at, count, mean: last.mean + (value - last.mean) / count };
      return;
    }
    this.#steps.push({ at, count: 1, mean: value });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }

  #isSetBack(ts: number): boolean {
    const before = this.#tooEarlyTs;
    this.#tooEarlyTs = ts;
    if (before === undefined || ts <= before) return false;
    const from = Math.floor(before / STEP_MS);
    this.#steps = this.#steps.filter(({ at }) => at < from);
    return true;
  }

  /** What was recorded before what is already there: rows of time (epoch ms) and mean, oldest first. */
  fill(rows: readonly (readonly [ts: number, mean: number])[]): void {
    const first = this.#steps[0]?.at ?? Infinity;
    const before = rows
      .map(([ts, mean]) => ({ at: Math.floor(ts / STEP_MS), count: 1, mean }))
      .filter(({ at }) => at < first);
    this.#steps = [...before, ...this.#steps].slice(-MOST_STEPS);
  }

  /** Undefined while there is no line to draw. `now` in epoch ms, by the clock of the samples. */
  line(now: number): TrendLine | undefined {
    const last = Math.floor(now / STEP_MS);
    const steps = this.#steps.filter(({ at }) => at > last - MOST_STEPS);
    const [first] = steps;
    if (first === undefined || steps.length < 2) return undefined;
    const length = Math.max(1, last - first.at);
    const means = steps.map(({ mean }) => mean);
    const [low, high] = [Math.min(...means), Math.max(...means)];
    const y = (mean: number): number => (high === low ? 10 : 19 - ((mean - low) / (high - low)) * 18);
    const lines: string[][] = [];
    let previous = -Infinity;
    for (const { at, mean } of steps) {
      const place = `${(((at - first.at) / length) * 100).toFixed(1)},${y(mean).toFixed(1)}`;
      if (at - previous > GAP_STEPS) lines.push([place]);
      else lines.at(-1)?.push(place);
      previous = at;
    }
    return { lines: lines.map((places) => places.join(' ')), low, high, ms: (length + 1) * STEP_MS };
  }
}

/** A device that is read every half minute has no gap. */
const GAP_STEPS = 6;
