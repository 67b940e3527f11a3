// What of clients was refused, counted for each device: its sender has an acknowledgement and may never learn of it.
import type { GatewayError } from '../../shared/errors.js';

/** The newest refusal, and how many there were. */
export interface Refusal {
  readonly count: number;
  readonly code: string;
  readonly message: string;
  /** Epoch ms. */
  readonly ts: number;
}

export type Refusals = Readonly<Record<string, Refusal>>;

/** Names are what clients make up: of more than these the one that was refused longest ago is forgotten. */
const MOST_KEPT = 200;
/** The health topic must stay small. */
const MOST_TOLD = 10;
const MOST_NAME = 64;
const MOST_MESSAGE = 120;

export class RefusalTally {
  /** In the order of their newest refusals. */
  readonly #refusals = new Map<string, Refusal>();

  note(name: string, error: Pick<GatewayError, 'code' | 'message'>, ts: number): void {
    const key = name.slice(0, MOST_NAME);
    const count = (this.#refusals.get(key)?.count ?? 0) + 1;
    this.#refusals.delete(key);
    this.#refusals.set(key, { count, code: error.code, message: error.message.slice(0, MOST_MESSAGE), ts });
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size > MOST_KEPT && oldest !== undefined) this.#refusals.delete(oldest);
  }

  /** Those that are refused most; undefined where nobody was. */
  told(): Refusals | undefined {
    if (this.#refusals.size === 0) return undefined;
    const most = [...this.#refusals].toSorted(([, a], [, b]) => b.count - a.count);
    return Object.fromEntries(most.slice(0, MOST_TOLD));
  }
}
