// Says that the process stood still: a paused virtual machine, a machine so busy elsewhere that nothing ran, a process
// stopped by a signal. What came due meanwhile, and what it made of measurements, would be a riddle otherwise.
import { ONCE, type Outlet } from '../../../bridge/messages/outlet.js';
import type { EventMessage } from '../../../shared/messages.js';
import type { Clock, Component, Log } from '../../../shared/ports.js';
import type { Topics } from '../../../shared/topics.js';

export interface StandstillNoticeOptions {
  readonly topics: Topics;
  readonly outlet: Pick<Outlet, 'json'>;
  readonly clock: Pick<Clock, 'now' | 'onStandstill'>;
  readonly log: Log;
}

export class StandstillNotice implements Component {
  readonly name = 'standstill notice';
  readonly #options: StandstillNoticeOptions;
  #end: (() => void) | undefined;

  constructor(options: StandstillNoticeOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#end = this.#options.clock.onStandstill((ms) => {
      this.#say(ms);
    });
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#end?.();
    return Promise.resolve();
  }

  #say(ms: number): void {
    const { outlet, topics, clock, log } = this.#options;
    const to = clock.now();
    const times = { from: to - Math.round(ms), to };
    const seconds = (ms / 1000).toFixed(0);
    const message = `The gateway stood still for ${seconds} s: it, or the machine that it runs on, was stopped. Nothing was read, and nothing written, in that time.`;
    log.warn(times, message);
    const event: EventMessage = { type: 'gateway.stood_still', ts: to, ...times, message };
    outlet.json(topics.event, event, ONCE);
  }
}
