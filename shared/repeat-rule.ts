// Whether a command whose id was seen before is the same one again, another one, or a new one.
import type { CommandMeaning, Moment } from './command-journal.js';

export interface SeenCommand {
  readonly meaning: CommandMeaning;
  readonly at: Moment;
  /** Not answered yet: however long ago it came, the same id is the same command. */
  readonly open: boolean;
  /** It never ran, and was answered so: sent again it is meant to run. */
  readonly mayRunAgain: boolean;
}

export type Repetition = 'new' | 'same' | 'reused';

export function repetitionOf(
  seen: SeenCommand,
  asked: { readonly meaning: CommandMeaning; readonly at: Moment },
  withinMs: number,
): Repetition {
  if (seen.mayRunAgain) return 'new';
  if (!seen.open && ageAtLeastMs(seen.at, asked.at) > withinMs) return 'new';
  return meansTheSame(seen.meaning, asked.meaning) ? 'same' : 'reused';
}

export function meansTheSame(one: CommandMeaning, other: CommandMeaning): boolean {
  const isKnown = one.asked !== undefined && other.asked !== undefined;
  return one.device === other.device && one.name === other.name && (!isKnown || one.asked === other.asked);
}

/**
 * The time that has passed for certain. Too little makes a new command a repeat, which is answered and said to be one;
 * too much would run a command twice. So within one run of the machine only its uptime counts, and no jump of the wall
 * clock does anything. Across a start of the machine the wall clock counts where it was synchronised at both ends; on a
 * board without a battery clock, whose clock is set minutes later, only the time since its start is certain.
 */
export function ageAtLeastMs(then: Moment, now: Moment): number {
  if (then.machine === now.machine) return now.uptimeMs - then.uptimeMs;
  const isBelieved = then.synchronised && now.synchronised;
  return isBelieved ? Math.max(now.uptimeMs, now.ts - then.ts) : now.uptimeMs;
}
