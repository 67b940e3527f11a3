// The gateway's own samples: first on disk, then on their topics. So who sees one finds it in the history, and none of
// them depends on a broker.
import type { Clock } from '../../shared/ports.js';
import type { Sample } from '../../shared/sample.js';
import type { Topics } from '../../shared/topics.js';
import { SAMPLE, type Outlet } from '../messages/outlet.js';
import type { OwnSample, Recorder } from './recorder.js';

/** At most so often the store is woken: what is read meanwhile goes together. Who reads less waits for nothing. */
const APART_MS = 50;
/** Nothing waits longer than until there are so many. */
const MOST_TOGETHER = 200;

export interface OwnTelemetryOptions {
  readonly recorder: Pick<Recorder, 'keep'>;
  readonly outlet: Outlet;
  readonly topics: Topics;
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>;
}

export class OwnTelemetry {
  readonly #options: OwnTelemetryOptions;
  readonly #underWay = new Set<Promise<void>>();
  #gathered: OwnSample[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(options: OwnTelemetryOptions) {
    this.#options = options;
  }

  /** What the disk refuses is counted by the recorder, and not published. */
  take(device: string, sample: Sample): void {
    const { clock } = this.#options;
    this.#gathered.push({ device, sample });
    const waitMs = this.#lastMs + APART_MS - clock.monotonicMs();
    if (waitMs <= 0 || this.#gathered.length >= MOST_TOGETHER) this.#hand();
    else
      this.#cancel ??= clock.after(waitMs, () => {
        this.#hand();
      });
  }

  /** Resolves when everything taken so far is on disk, or refused. */
  async drained(): Promise<void> {
    this.#hand();
    await Promise.all(this.#underWay);
  }

  #hand(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const samples = this.#gathered;
    if (samples.length === 0) return;
    this.#gathered = [];
    this.#lastMs = this.#options.clock.monotonicMs();
    const taking = this.#take(samples).finally(() => this.#underWay.delete(taking));
    this.#underWay.add(taking);
  }

  async #take(samples: readonly OwnSample[]): Promise<void> {
    const { recorder, outlet, topics } = this.#options;
    if (!(await recorder.keep(samples))) return;
    for (const { device, sample } of samples) outlet.json(topics.telemetry(device), sample, SAMPLE);
  }
}
