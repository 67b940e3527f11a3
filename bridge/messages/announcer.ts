// What the gateway says of itself: status, info, and every ten seconds its health.
import type { StatusMessage, Whereabouts } from '../../shared/messages.js';
import type { Clock, Component } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import { RETAINED, type Outlet } from './outlet.js';
import { Ticker } from '../time/ticker.js';

const HEALTH_EVERY_MS = 10_000;

export interface AnnouncerOptions {
  readonly boot: string;
  readonly topics: Topics;
  readonly outlet: Outlet;
  readonly clock: Clock;
  readonly info: () => Readonly<Record<string, unknown>>;
  /** Told with the status: two of one name are to be found. */
  readonly where: () => Whereabouts;
  /** Never rejects. */
  readonly sayHealth: () => Promise<void>;
}

export class Announcer implements Component {
  readonly name = 'announcer';
  readonly #options: AnnouncerOptions;
  readonly #ticker: Ticker;
  #isThere = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    const onTick = (): void => {
      void options.sayHealth();
    };
    this.#ticker = new Ticker({ clock: options.clock, everyMs: HEALTH_EVERY_MS, phaseMs: 1000, onTick });
  }

  start(): Promise<void> {
    this.#sayStatus('online');
    this.#isThere = true;
    this.sayInfo();
    this.#ticker.start();
    return Promise.resolve();
  }

  /** What it tells has changed. */
  sayInfo(): void {
    const { outlet, topics, info } = this.#options;
    if (this.#isThere) outlet.json(topics.info, info(), RETAINED);
  }

  async stop(): Promise<void> {
    this.#isThere = false;
    this.#ticker.stop();
    this.#sayStatus('offline');
    await this.#options.outlet.drained();
  }

  #sayStatus(state: StatusMessage['state']): void {
    const { outlet, topics, boot, clock, where } = this.#options;
    const message: StatusMessage = { state, boot, ts: clock.now(), ...(state === 'online' ? where() : {}) };
    outlet.json(topics.status, message, RETAINED);
  }
}
