// What was asked and is not answered yet is bounded here: a flood waits at the door, and so its sender does, instead of
// being acknowledged and then left without its answer: docs/promises.md, 2 and 6.
import { GatewayError } from '../../shared/errors.js';

/** Answers on their way at once. Beyond it, the next question is taken when an answer has left. */
const MOST_UNANSWERED = 1024;
/** What may wait for its turn. The embedded broker stops reading from a sender long before; an outside one can't. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
/** What a waiting message costs beside its payload, roughly. */
const OVERHEAD_BYTES = 1000;

export interface AnswerSlotsOptions {
  readonly unanswered?: number;
  readonly waitingBytes?: number;
}

export interface AnswerSlotCounts {
  readonly unanswered: number;
  readonly waiting: number;
  /** Not even read, and so not acknowledged: too much waited. */
  readonly refused: number;
}

type Release = () => void;

export class AnswerSlots {
  readonly #limits: Required<AnswerSlotsOptions>;
  readonly #waiting: (() => void)[] = [];
  #unanswered = 0;
  #waitingBytes = 0;
  #refused = 0;

  constructor(options: AnswerSlotsOptions = {}) {
    this.#limits = { unanswered: MOST_UNANSWERED, waitingBytes: MOST_WAITING_BYTES, ...options };
  }

  /**
   * Resolves in the order of the calls, each when there is room, with what frees the place once the answer has left.
   * `bytes` is the size of the question, which lies in memory while it waits. Rejects with queue_full.
   */
  async take(bytes: number): Promise<Release> {
    if (this.#unanswered < this.#limits.unanswered) this.#unanswered += 1;
    else await this.#turn(bytes + OVERHEAD_BYTES);
    let held = true;
    return () => {
      if (held) this.#free();
      held = false;
    };
  }

  counts(): AnswerSlotCounts {
    return { unanswered: this.#unanswered, waiting: this.#waiting.length, refused: this.#refused };
  }

  async #turn(cost: number): Promise<void> {
    if (this.#waitingBytes + cost > this.#limits.waitingBytes) {
      this.#refused += 1;
      throw new GatewayError('queue_full', 'Too much waits to be answered; the message was not taken.');
    }
    this.#waitingBytes += cost;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#waitingBytes -= cost;
  }

  /** Handed on, not given back: nobody who comes now may overtake one who waits. */
  #free(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#unanswered -= 1;
    else next();
  }
}
