// The gateway's own samples: first on disk, then on their topics. So who sees one finds it in the history, and none of
// them depends on a broker.
import type { Sample } from '../../shared/sample.js';
import type { Topics } from '../../shared/topics.js';
import { SAMPLE, type Outlet } from '../messages/outlet.js';
import type { Recorder } from './recorder.js';

export interface OwnTelemetryOptions {
  readonly recorder: Pick<Recorder, 'keep'>;
  readonly outlet: Outlet;
  readonly topics: Topics;
}

export class OwnTelemetry {
  readonly #options: OwnTelemetryOptions;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: OwnTelemetryOptions) {
    this.#options = options;
  }

  /** What the disk refuses is counted by the recorder, and not published. */
  take(device: string, sample: Sample): void {
    const taking = this.#take(device, sample).finally(() => this.#underWay.delete(taking));
    this.#underWay.add(taking);
  }

  /** Resolves when everything taken so far is on disk, or refused. */
  async drained(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #take(device: string, sample: Sample): Promise<void> {
    const { recorder, outlet, topics } = this.#options;
    if (await recorder.keep(device, sample)) outlet.json(topics.telemetry(device), sample, SAMPLE);
  }
}
