// What one look at the machine has found, and what somebody can do about it.

export type State = 'ok' | 'warn' | 'fail' | 'skipped';

export interface Finding {
  /** What was looked at: `bus main rights`. */
  readonly check: string;
  readonly state: State;
  readonly found: string;
  readonly advice?: string;
}

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found };
}

/** It works, and may not do so for long, or not well. */
export function warn(check: string, found: string, advice: string): Finding {
  return { check, state: 'warn', found, advice };
}

/** The gateway cannot start, or not do what is asked of it. */
export function fail(check: string, found: string, advice: string): Finding {
  return { check, state: 'fail', found, advice };
}

/** Nothing to look at, or no way to. */
export function skipped(check: string, found: string): Finding {
  return { check, state: 'skipped', found };
}
