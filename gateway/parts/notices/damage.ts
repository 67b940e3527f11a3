// Tells on the event topic that the store's file was found damaged at this start.
import { ONCE, type Outlet } from '../../../bridge/messages/outlet.js';
import type { EventMessage } from '../../../shared/messages.js';
import type { Clock, Component } from '../../../shared/ports.js';
import type { Topics } from '../../../shared/topics.js';
import { asideSentence } from '../../store/file/set-aside.js';

export interface DamageNoticeOptions {
  readonly store: { readonly setAside: string | undefined };
  readonly topics: Topics;
  readonly outlet: Outlet;
  readonly clock: Clock;
}

export class DamageNotice implements Component {
  readonly name = 'damage notice';
  readonly #options: DamageNoticeOptions;

  constructor(options: DamageNoticeOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    const { store, topics, outlet, clock } = this.#options;
    if (store.setAside !== undefined) {
      const message = asideSentence(store.setAside);
      const event: EventMessage = { type: 'store.damaged', ts: clock.now(), code: 'store_failed', message };
      outlet.json(topics.event, event, ONCE);
    }
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
