// Tells people of alarms over HTTP: each webhook what it wants to know, at its own pace.
import type { WebhookSpec } from '../../shared/alarms/spec.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import type { AlarmNews } from './news.js';
import { Notices, type Notice, type NoticeHealth, type SendNotice } from './notices.js';

/** What waits, by webhook. */
export type KeptNotices = Readonly<Record<string, readonly Notice[]>>;

/** Where what waits outlives a restart. Neither of them rejects. */
export interface NoticeMemory {
  load(): Promise<KeptNotices>;
  save(notices: KeptNotices): Promise<void>;
}

export interface AlarmTellerOptions {
  readonly webhooks: readonly WebhookSpec[];
  readonly memory: NoticeMemory;
  readonly send: SendNotice;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

export class AlarmTeller implements Component {
  readonly name = 'webhooks';
  readonly #options: AlarmTellerOptions;
  readonly #notices: ReadonlyMap<string, Notices>;

  constructor(options: AlarmTellerOptions) {
    this.#options = options;
    const save = (): Promise<void> => options.memory.save(this.#kept());
    this.#notices = new Map(
      options.webhooks.map((webhook) => [webhook.id, new Notices({ ...options, webhook, save })]),
    );
  }

  /** What waits for a webhook that is no longer in the configuration is forgotten. */
  async start(): Promise<void> {
    const left = await this.#options.memory.load();
    for (const [id, notices] of this.#notices) notices.start(Object.hasOwn(left, id) ? (left[id] ?? []) : []);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#notices.values()].map((notices) => notices.stop()));
  }

  tell(news: AlarmNews): void {
    const notice: Notice = { ...news, id: this.#options.newId() };
    for (const notices of this.#notices.values()) notices.add(notice);
  }

  health(): Readonly<Record<string, NoticeHealth>> {
    return Object.fromEntries([...this.#notices].map(([id, notices]) => [id, notices.health()]));
  }

  #kept(): KeptNotices {
    return Object.fromEntries([...this.#notices].map(([id, { waiting }]) => [id, waiting]));
  }
}
