// What the model knows of an output that is on: from when on it may be made safe, and by when it must be.

/** For what is to happen at once: what runs and waits before it. */
export const AT_ONCE_MS = 1500;
/** The longest pause between two tries, and a bus that is opened again. */
export const LONGEST_MS = 72_000;
/** A transaction that a kill or a stop may have cut off. */
export const IN_FLIGHT_MS = 1000;
export const STOP_MS = 2000;
/** Marks are as exact as that. */
const MARK_MS = 1000;
/** How long before its write a mark may have been made. */
const ANSWERED_WITHIN_MS = 15_000;
const FOUND_WITHIN_MS = 2000;

export interface Bounds {
  /** Not made safe before that: Infinity where it stays on. */
  readonly mayMs: number;
  /** Made safe by then, where nothing stands in the way. */
  readonly mustMs: number;
}

export interface Lit extends Bounds {
  readonly value: number;
  readonly sinceMs: number;
  /** From its write on. */
  readonly forMs: number;
  /** Of what was on before, while it is not certain that this one was written and read back. */
  readonly before: Bounds;
}

interface Sent {
  readonly register: number;
  /** Zero makes it safe. */
  readonly value: number;
  readonly forMs: number;
  readonly atMs: number;
}

/** Commands that were sent and are not answered. */
export class Unanswered {
  readonly #sent = new Set<Sent>();

  /** To be called when it is answered. */
  add(sent: Sent): () => void {
    this.#sent.add(sent);
    return () => this.#sent.delete(sent);
  }

  clear(): void {
    this.#sent.clear();
  }

  makesSafe(register: number): boolean {
    return [...this.#sent].some((sent) => sent.register === register && sent.value === 0);
  }

  /** The soonest end of what is to come. */
  soonestMs(register: number): number {
    const own = [...this.#sent].filter((sent) => sent.register === register && sent.value !== 0);
    return Math.min(Infinity, ...own.map(({ atMs, forMs }) => atMs + forMs));
  }
}

export const NEVER: Bounds = { mayMs: Infinity, mustMs: Infinity };

export function sooner(one: Bounds, other: Bounds): Bounds {
  return { mayMs: Math.min(one.mayMs, other.mayMs), mustMs: Math.min(one.mustMs, other.mustMs) };
}

interface Known {
  readonly lit: Lit | undefined;
  /** The soonest end of what may be on for all that the gateway can know: also of what never acted. */
  readonly believedMs: number;
}

interface Switching {
  readonly nowMs: number;
  readonly forMs: number;
  readonly value: number;
  readonly takesMs: number;
  readonly acts: boolean;
  readonly isHeard: boolean;
  readonly isReadBack: boolean;
}

/** What is known behind a write that switches it on. Without an answer nobody knows which of both is on. */
export function switchedOn({ lit, believedMs }: Known, write: Switching): Known {
  const { nowMs, forMs, value, acts, isHeard, takesMs, isReadBack } = write;
  const own = { mayMs: nowMs + forMs, mustMs: nowMs + forMs + takesMs };
  const mustMs = lit === undefined ? Infinity : Math.min(lit.mustMs, lit.before.mustMs);
  const before = { mayMs: believedMs, mustMs };
  const bounds = isHeard ? own : sooner(own, before);
  const believed = isReadBack ? Math.min(own.mayMs, believedMs) : bounds.mayMs;
  if (acts) return { lit: { ...bounds, value, sinceMs: nowMs, before, forMs }, believedMs: believed };
  const kept = lit === undefined ? undefined : { ...lit, mayMs: Math.min(lit.mayMs, own.mayMs) };
  return { lit: kept, believedMs: believed };
}

export interface Crash {
  readonly nowMs: number;
  /** `after_crash: leave` */
  readonly isLeft: boolean;
  /** The soonest end of what was sent and not answered. */
  readonly sentMs: number;
  /** When the clock was last set, either way. */
  readonly forwardMs: number;
  readonly backMs: number;
}

/** What the next process may do with it, and must. */
export function afterCrash(lit: Lit, { nowMs, isLeft, sentMs, forwardMs, backMs }: Crash): Lit {
  const found = nowMs + FOUND_WITHIN_MS;
  if (!isLeft) return { ...lit, mayMs: nowMs, mustMs: found, before: NEVER };
  const mayMs = Math.min(lit.mayMs, lit.before.mayMs, sentMs) - MARK_MS;
  const wasSetForward = forwardMs > lit.sinceMs - ANSWERED_WITHIN_MS && mayMs < Infinity;
  // A clock that is behind counts it anew, and never longer.
  const wasSetBack = backMs > lit.sinceMs - ANSWERED_WITHIN_MS;
  const mustMs = (wasSetBack ? nowMs + lit.forMs : lit.mustMs) + MARK_MS;
  return { ...lit, before: NEVER, mayMs: wasSetForward ? nowMs : mayMs, mustMs: Math.max(mustMs, found) };
}
