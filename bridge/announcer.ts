// What the gateway says of itself: status, info, and every ten seconds its health.
import type { StatusMessage } from '../shared/messages.js';
import type { Clock, Component } from '../shared/ports.js';
import type { Topics } from '../shared/topics.js';
import { RETAINED, RETAINED_LIGHT, type Outlet } from './outlet.js';
import { Ticker } from './ticker.js';

const HEALTH_EVERY_MS = 10_000;

export interface AnnouncerOptions {
  readonly boot: string;
  readonly topics: Topics;
  readonly outlet: Outlet;
  readonly clock: Clock;
  readonly info: Readonly<Record<string, unknown>>;
  readonly health: () => Promise<Readonly<Record<string, unknown>>>;
}

export class Announcer implements Component {
  readonly name = 'announcer';
  readonly #options: AnnouncerOptions;
  readonly #ticker: Ticker;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    const onTick = (): void => {
      void this.#sayHealth();
    };
    this.#ticker = new Ticker({ clock: options.clock, everyMs: HEALTH_EVERY_MS, phaseMs: 1000, onTick });
  }

  start(): Promise<void> {
    const { outlet, topics, info } = this.#options;
    this.#sayStatus('online');
    outlet.json(topics.info, info, RETAINED);
    this.#ticker.start();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#ticker.stop();
    this.#sayStatus('offline');
    await this.#options.outlet.drained();
  }

  #sayStatus(state: StatusMessage['state']): void {
    const { outlet, topics, boot, clock } = this.#options;
    const message: StatusMessage = { state, boot, ts: clock.now() };
    outlet.json(topics.status, message, RETAINED);
  }

  async #sayHealth(): Promise<void> {
    const { outlet, topics, health } = this.#options;
    outlet.json(topics.health, await health(), RETAINED_LIGHT);
  }
}
