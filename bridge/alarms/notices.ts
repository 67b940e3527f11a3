// What one webhook still has to be told: in order, tried again with growing pauses, bounded in number and in time.
import { isAtLeast, type WebhookSpec } from '../../shared/alarms/spec.js';
import { asGatewayError } from '../../shared/errors.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { AlarmNews } from './news.js';

/** The same for each attempt, and over a restart. */
export interface Notice extends AlarmNews {
  readonly id: string;
}

/** Resolves when it was taken. Rejects with `bad_payload` where it will never be, else with what may pass. */
export type SendNotice = (webhook: WebhookSpec, notice: Notice, signal: AbortSignal) => Promise<void>;

export interface NoticesOptions {
  readonly webhook: WebhookSpec;
  readonly clock: Clock;
  readonly log: Log;
  readonly send: SendNotice;
  /** Keeps what waits; resolves when that, and what it is about, is on the disk. Never rejects. */
  readonly save: () => Promise<void>;
}

export interface NoticeHealth {
  readonly state: 'ok' | 'failing';
  readonly waiting: number;
  readonly notices: Readonly<Record<'sent' | 'refused' | 'dropped' | 'expired', number>>;
  readonly failures: number;
  /** Of the newest attempt that failed, while it is failing: since when, epoch ms, and why. */
  readonly since?: number;
  readonly error?: string;
}

const MOST_WAITING = 100;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 120_000;

interface Waiting {
  readonly notice: Notice;
  /** Since then in this run: a clock that is set makes nothing old. */
  readonly fromMs: number;
}

export class Notices {
  readonly #options: NoticesOptions;
  readonly #counts = { sent: 0, refused: 0, dropped: 0, expired: 0 };
  /** The oldest first, which may be under way. */
  #waiting: readonly Waiting[] = [];
  #saved: Promise<void> = Promise.resolve();
  #failures = 0;
  #fault: { readonly since: number; readonly error: string } | undefined;
  #sending: Promise<void> = Promise.resolve();
  #isSending = false;
  #stopping = new AbortController();
  #wake: () => void = () => undefined;

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  get waiting(): readonly Notice[] {
    return this.#waiting.map(({ notice }) => notice);
  }

  /** `left`: what waited when the last run ended. */
  start(left: readonly Notice[]): void {
    this.#stopping = new AbortController();
    const fromMs = this.#options.clock.monotonicMs();
    this.#waiting = left.slice(-MOST_WAITING).map((notice) => ({ notice, fromMs }));
    this.#go();
  }

  /** An attempt that runs is given up; what waits is kept for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#sending;
  }

  /** Of all news: what this webhook is not told of is passed over. */
  add(notice: Notice): void {
    const { webhook, save, clock } = this.#options;
    if (!webhook.occasions.has(notice.what) || !isAtLeast(notice.severity, webhook.severity)) return;
    if (this.#waiting.length >= MOST_WAITING) {
      const [first, , ...others] = this.#waiting;
      this.#waiting = first === undefined ? [] : [first, ...others];
      this.#counts.dropped += 1;
    }
    this.#waiting = [...this.#waiting, { notice, fromMs: clock.monotonicMs() }];
    this.#saved = save();
    this.#go();
  }

  health(): NoticeHealth {
    return {
      state: this.#fault === undefined ? 'ok' : 'failing',
      waiting: this.#waiting.length,
      notices: { ...this.#counts },
      failures: this.#failures,
      ...this.#fault,
    };
  }

  #go(): void {
    if (this.#isSending || this.#stopping.signal.aborted) return;
    this.#isSending = true;
    this.#sending = this.#sendAll();
  }

  /** Never rejects. */
  async #sendAll(): Promise<void> {
    const { signal } = this.#stopping;
    let pauseMs = FIRST_PAUSE_MS;
    for (let [first] = this.#waiting; first !== undefined && !signal.aborted; [first] = this.#waiting) {
      // Who is told before it is written down would be told again behind a kill.
      await this.#saved;
      if (this.#isTooOld(first)) this.#done(first, 'expired');
      else if (await this.#attempt(first, signal)) pauseMs = FIRST_PAUSE_MS;
      else {
        await this.#pause(pauseMs, signal);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
    this.#isSending = false;
  }

  #isTooOld({ fromMs }: Waiting): boolean {
    const { clock, webhook } = this.#options;
    return clock.monotonicMs() - fromMs > webhook.keepMs;
  }

  /** False: it is to be tried again. */
  async #attempt(waiting: Waiting, signal: AbortSignal): Promise<boolean> {
    const { webhook, send, log } = this.#options;
    const { notice } = waiting;
    try {
      await send(webhook, notice, signal);
    } catch (thrown) {
      if (signal.aborted) return false;
      const { code, message } = asGatewayError(thrown);
      this.#failures += 1;
      if (code === 'bad_payload') {
        log.error(
          { webhook: webhook.id, device: notice.device, alarm: notice.alarm },
          `a webhook refuses a notice for good: ${message}`,
        );
        this.#done(waiting, 'refused');
        return true;
      }
      if (this.#fault === undefined)
        log.warn({ webhook: webhook.id }, `a webhook is not told of alarms: ${message}`);
      this.#fault = { since: this.#fault?.since ?? this.#options.clock.now(), error: message };
      return false;
    }
    if (this.#fault !== undefined)
      log.info({ webhook: webhook.id, ...this.#counts }, 'the webhook is told of alarms again');
    this.#fault = undefined;
    this.#done(waiting, 'sent');
    return true;
  }

  #done(done: Waiting, outcome: keyof NoticeHealth['notices']): void {
    this.#counts[outcome] += 1;
    this.#waiting = this.#waiting.filter((other) => other !== done);
    void this.#options.save();
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
