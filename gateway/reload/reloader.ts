// The configuration once the gateway runs: read again when its file has changed or somebody asks for it, one at a time;
// checked as a whole before anything of it is taken up.
import { differenceOf, type Difference, type Written } from '../../bridge/reload/difference.js';
import type { Device } from '../../shared/device-type.js';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import type { Clock, Component } from '../../shared/ports.js';
import { FileWatch } from './file-watch.js';
import type { ConfigurationHealth, ReloadTeller } from './teller.js';

/** Where a configuration comes from, and comes from again. */
export interface ConfigurationSource {
  readonly file: string;
  /** `fileMark` of the file before it was read. */
  readonly mark: string;
  /** As a start reads and checks it, with all that it names outside. Rejects with config_unreadable or config_invalid. */
  readonly read: () => Promise<Written>;
  /** The same of a text that is not the file's yet. */
  readonly check: (text: string) => Promise<Written>;
}

export interface ReloaderOptions {
  readonly source: ConfigurationSource;
  /** What runs. Its devices are those of now: they follow what is taken up. */
  readonly running: Written;
  /** Takes up what a difference says of devices; never rejects. */
  readonly take: (next: ReadonlyMap<string, Device>, difference: Difference) => Promise<void>;
  readonly teller: ReloadTeller;
  readonly clock: Clock;
}

export class Reloader implements Component {
  readonly name = 'configuration';
  readonly #options: ReloaderOptions;
  readonly #watch: FileWatch | undefined;
  #begin: () => void = () => undefined;
  /** What is under way; before the start that. */
  #running: Promise<unknown> = new Promise<void>((resolve) => {
    this.#begin = resolve;
  });
  #isThere = false;
  #waiting: Promise<Difference> | undefined;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    const { source, running, clock } = options;
    const onChange = async (): Promise<void> => {
      // Said by `#read`.
      await this.reload().catch(() => undefined);
    };
    if (running.config.configuration.watch)
      this.#watch = new FileWatch({ file: source.file, known: source.mark, clock, onChange });
  }

  start(): Promise<void> {
    this.#isThere = true;
    this.#begin();
    this.#watch?.start();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#watch?.stop();
    if (!this.#isThere) return;
    this.#isThere = false;
    await this.#running;
  }

  /**
   * Resolves with what was taken up; rejects with config_unreadable, or config_invalid with all mistakes: then all runs on as
   * it did, and with closed at the stop. Who asks while another waits gets the answer of that one.
   */
  reload(): Promise<Difference> {
    if (this.#waiting !== undefined) return this.#waiting;
    const turn = this.#running.then(() => {
      this.#waiting = undefined;
      return this.#read();
    });
    this.#waiting = turn;
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  health(): ConfigurationHealth {
    return this.#options.teller.health();
  }

  async #read(): Promise<Difference> {
    const { source, running, take, teller } = this.#options;
    if (!this.#isThere) throw new GatewayError('closed', 'The gateway is stopping.');
    let next: Written;
    try {
      next = await source.read();
    } catch (thrown) {
      const error = asGatewayError(thrown);
      teller.refused(error);
      throw error;
    }
    const difference = differenceOf(running, next);
    await take(next.config.devices, difference);
    teller.taken(difference);
    return difference;
  }
}
