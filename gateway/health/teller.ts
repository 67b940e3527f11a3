// Says the health, all of it from one report: the summary, and beside it what is new of each device and bus, at a pace.
import { RETAINED_LIGHT, type Outlet } from '../../bridge/messages/outlet.js';
import type { Clock } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { HealthReport } from './report.js';
import { busDetails, deviceDetails, type Detail } from './details.js';
import { summaryOf } from './summary.js';

export interface HealthTellerOptions {
  readonly report: Pick<HealthReport, 'numbers'>;
  readonly topics: Topics;
  readonly outlet: Pick<Outlet, 'json'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Those of now: of one that left the configuration while the numbers were had nothing is said. All where absent. */
  readonly devices?: ReadonlyMap<string, unknown>;
}

/** Details at one time: they come every ten seconds. */
const MOST_AT_ONCE = 100;
/** Of a device where nothing is new, so that its counts do not grow old. */
const ANYWAY_MS = 300_000;

interface Said {
  readonly news: string;
  readonly atMs: number;
}

export class HealthTeller {
  readonly #options: HealthTellerOptions;
  /** By topic; those of the configuration, so there are no more of them than it has. */
  readonly #said = new Map<string, Said>();

  constructor(options: HealthTellerOptions) {
    this.#options = options;
  }

  async tell(): Promise<void> {
    const { report, topics, outlet } = this.#options;
    const numbers = await report.numbers();
    outlet.json(topics.health, summaryOf(numbers), RETAINED_LIGHT);
    const details = [
      ...busDetails(numbers).map((detail) => ({ topic: topics.busHealth(detail.id), ...detail })),
      ...deviceDetails(numbers)
        .filter(({ id }) => this.#options.devices?.has(id) ?? true)
        .map((detail) => ({ topic: topics.deviceHealth(detail.id), ...detail })),
    ];
    const topicsNow = new Set(details.map(({ topic }) => topic));
    for (const topic of this.#said.keys()) if (!topicsNow.has(topic)) this.#said.delete(topic);
    for (const { topic, message, news } of this.#due(details)) {
      outlet.json(topic, message(), RETAINED_LIGHT);
      this.#said.set(topic, { news, atMs: this.#options.clock.monotonicMs() });
    }
  }

  /** Those that were said longest ago come first, so that each has its turn. */
  #due<T extends Detail & { readonly topic: string }>(details: readonly T[]): readonly T[] {
    const nowMs = this.#options.clock.monotonicMs();
    const saidMs = ({ topic }: T): number => this.#said.get(topic)?.atMs ?? Number.NEGATIVE_INFINITY;
    return details
      .filter((one) => this.#said.get(one.topic)?.news !== one.news || nowMs - saidMs(one) >= ANYWAY_MS)
      .toSorted((a, b) => saidMs(a) - saidMs(b) || 0)
      .slice(0, MOST_AT_ONCE);
  }
}
