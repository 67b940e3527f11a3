// Who may look for an absent device on a bus: one at a time, and seldom enough that the present ones don't notice.
import type { Clock } from '../../shared/ports.js';

/**
 * After a probe that took t of the wire the bus is left alone for so many times t: a target that hangs the clock until the
 * controller gives up holds the wire for a second, and all absent ones together may cost the others 2.4 % of their time.
 */
const PAUSES_PER_PROBE = 40;

export interface Turn {
  readonly probe: () => Promise<void>;
  /** For who was just heard, or never yet looked for: does not wait for the pause. */
  readonly urgent: boolean;
  /** How long who is probed has had the wire so far: what it waits off the bus costs the others nothing. */
  readonly busyMs: () => number;
}

export class ProbeTurns {
  readonly #clock: Clock;
  readonly #waiting = new Set<Turn>();
  #running = false;
  #quietUntilMs = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `probe` when its turn comes, in the order of asking. The returned function takes it back before that. */
  ask(turn: Turn): () => void {
    this.#waiting.add(turn);
    this.#next();
    return () => {
      this.#waiting.delete(turn);
      if (this.#waiting.size === 0) this.#cancel?.();
    };
  }

  #next(): void {
    this.#cancel?.();
    if (this.#running) return;
    const turns = [...this.#waiting];
    const quietMs = this.#quietUntilMs - this.#clock.monotonicMs();
    const turn = turns.find(({ urgent }) => urgent) ?? (quietMs <= 0 ? turns[0] : undefined);
    if (turn !== undefined) void this.#run(turn);
    else if (turns.length > 0)
      this.#cancel = this.#clock.after(quietMs, () => {
        this.#next();
      });
  }

  async #run(turn: Turn): Promise<void> {
    this.#waiting.delete(turn);
    this.#running = true;
    const busyBeforeMs = turn.busyMs();
    await turn.probe();
    const tookMs = turn.busyMs() - busyBeforeMs;
    this.#quietUntilMs = this.#clock.monotonicMs() + tookMs * PAUSES_PER_PROBE;
    this.#running = false;
    this.#next();
  }
}
