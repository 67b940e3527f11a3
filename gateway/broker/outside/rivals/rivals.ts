// Another gateway of the same name at the same broker, a cloned SD card for one: told apart by boot. Both have the same
// client id, so the broker lets only one be connected. The newer one stays; the other comes back when that one is gone,
// after pauses that grow. Looking whether it is gone costs it nothing: that is a visit under another client id.
import type { Clock, Log } from '../../../../shared/ports.js';
import type { KnownBoots } from './known-boots.js';
import type { SeenStatus } from './parse-status.js';

export interface RivalsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly boots: KnownBoots;
  readonly broker: string;
  /** The newest status that the broker has; undefined where there is none. Rejects where it is not reached. */
  readonly look: () => Promise<SeenStatus | undefined>;
  /** Of this gateway, for people. */
  readonly here: () => string;
}

export interface RivalStats {
  /** Times that another took the connection. */
  readonly takeovers: number;
  /** Samples of another gateway that came on this one's topics and were not recorded. */
  readonly foreignSamples: number;
  readonly rival?: SeenStatus;
}

/** MQTT 5's "session taken over". */
const TAKEN_OVER = 142;
const PAUSE = { firstMs: 5000, mostMs: 300_000 };
/** A connection that held so long has no rival any more. */
const CALM_MS = 600_000;
const MOST_BOOTS = 16;

export class Rivals {
  readonly #options: RivalsOptions;
  #boots: readonly string[] = [];
  #rival: SeenStatus | undefined;
  #seenMs = -Infinity;
  #upMs = 0;
  /** The connection was taken: no try before the other is gone. */
  #isOut = false;
  /** The broker hung up without a word, as many do when another takes the connection (Mosquitto 2.0 does). */
  #mayBeTaken = false;
  #pauseMs = PAUSE.firstMs;
  #takeovers = 0;
  foreignSamples = 0;

  constructor(options: RivalsOptions) {
    this.#options = options;
  }

  isAnothers(boot: string): boolean {
    return this.#boots.includes(boot);
  }

  get isKnown(): boolean {
    return this.#boots.length > 0;
  }

  /** While there is one, or was until a moment ago. */
  get sentence(): string | undefined {
    const isNews = this.#isOut || (this.#rival !== undefined && this.#sinceMs(this.#seenMs) < CALM_MS);
    if (!isNews) return undefined;
    const { broker, here, boots } = this.#options;
    const { boot = 'unknown', host, address } = this.#rival ?? {};
    const at = host === undefined ? '' : ` on ${host}${address === undefined ? '' : ` (${address})`}`;
    const what = this.#isOut ? 'has taken the connection' : 'was there as well';
    return `Another gateway of the same name, boot ${boot}${at}, ${what} at the broker ${broker}; this one is boot ${boots.current} on ${here()}. Stop one of them, or give it another name.`;
  }

  stats(): RivalStats {
    const rival = this.sentence === undefined ? undefined : this.#rival;
    return {
      takeovers: this.#takeovers,
      foreignSamples: this.foreignSamples,
      ...(rival === undefined ? {} : { rival }),
    };
  }

  /** Its status was seen where this gateway's own should be. */
  seen(status: SeenStatus): void {
    if (this.#note(status)) this.#options.log.warn({ rival: status }, this.sentence ?? '');
  }

  /** Whether it is a new one. */
  #note(status: SeenStatus): boolean {
    const isNew = !this.#boots.includes(status.boot);
    this.#rival = status;
    this.#seenMs = this.#options.clock.monotonicMs();
    if (isNew) this.#boots = [status.boot, ...this.#boots].slice(0, MOST_BOOTS);
    return isNew;
  }

  /** It said that it is offline. */
  left(boot: string): void {
    if (this.#rival?.boot === boot) this.#rival = undefined;
  }

  up(): void {
    this.#upMs = this.#options.clock.monotonicMs();
  }

  /** The connection has ended. Returns whether another is known to have taken it. */
  ended(error: Error | undefined): boolean {
    if (this.#sinceMs(this.#upMs) > CALM_MS) this.#pauseMs = PAUSE.firstMs;
    const code = error !== undefined && 'code' in error ? error.code : undefined;
    if (code === TAKEN_OVER || (error === undefined && this.#seenMs >= this.#upMs)) this.#taken();
    else this.#mayBeTaken = error === undefined;
    return this.#isOut;
  }

  #taken(): void {
    this.#takeovers++;
    this.#isOut = true;
    this.#options.log.warn({ rival: this.#rival, retryInMs: this.#pauseMs }, this.sentence ?? '');
  }

  /** How long to stay away before the next look; undefined where there is nobody to stay away from. */
  takePause(): number | undefined {
    if (!this.#isOut) return undefined;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, PAUSE.mostMs);
    return pauseMs;
  }

  /** Whether the way is free; never rejects. Of a broker that is not reached nothing is known: then it is tried. */
  async isFree(): Promise<boolean> {
    if (!this.#isOut && !this.#mayBeTaken) return true;
    const { look, boots, log } = this.#options;
    this.#mayBeTaken = false;
    try {
      const status = await look();
      if (status?.state === 'online' && !boots.isOwn(status.boot)) {
        this.#note(status);
        if (!this.#isOut) this.#taken();
        return false;
      }
    } catch (err) {
      log.debug({ err }, 'whether another gateway is there cannot be seen');
    }
    this.#isOut = false;
    return true;
  }

  #sinceMs(ms: number): number {
    return this.#options.clock.monotonicMs() - ms;
  }
}
