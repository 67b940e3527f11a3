// Is the output on, and how does it end? One state, and one table of what leads from which to which.

/**
 * `safe`: nothing of it is on, for all that is known. `on`: it is on, and nobody said for how long. `timed`: it is on, and
 * its time runs. `left_on`: a former process left it on; it is made safe when its device is found, or soon without that.
 * `ending`: its time is over, and its safe write is on its way. `unsafe`: its safe write has failed, and is made again after
 * a pause or when its device is found. `stopping`: the gateway stops, and its last safe writes are made. `stopped`: for good;
 * of what is on by then its mark tells the next process.
 */
export type OutputState = 'safe' | 'on' | 'timed' | 'left_on' | 'ending' | 'unsafe' | 'stopping' | 'stopped';

/**
 * `stays` and `begins`: it was switched on, or may have been, without a time and with one; `sooner`: it ends before that.
 * `adopt`: a mark of a former process says that it is on. `made_safe`: the bytes that make it safe were written. `due`: its
 * time is over. `found`: its device was identified and set up. `failed`: a safe write was in vain; `again`: the pause after
 * that is over. `stop`: the gateway stops. `end`: behind the last safe write.
 */
export type OutputEvent =
  | 'stays'
  | 'begins'
  | 'sooner'
  | 'adopt'
  | 'made_safe'
  | 'due'
  | 'found'
  | 'failed'
  | 'again'
  | 'stop'
  | 'end';

type Ways = Readonly<Partial<Record<OutputEvent, OutputState>>>;

/** Whatever it was: a newer command takes its place. */
const SWITCHED = { stays: 'on', begins: 'timed', end: 'stopped' } as const;
/** It is on, or may be. */
const ON = { ...SWITCHED, made_safe: 'safe' } as const;
/** It has an end, which the stop brings at once. */
const ENDS = { ...ON, stop: 'stopping' } as const;

/** What is not named here means nothing in that state: of an output that stays on the stop wants nothing. */
export const LEADS_TO: Readonly<Record<OutputState, Ways>> = {
  safe: { ...SWITCHED, adopt: 'left_on' },
  on: { ...ON, sooner: 'timed' },
  timed: { ...ENDS, sooner: 'timed', due: 'ending' },
  left_on: { ...ENDS, due: 'ending', found: 'ending' },
  ending: { ...ENDS, failed: 'unsafe' },
  unsafe: { ...ENDS, again: 'ending', found: 'ending' },
  stopping: ON,
  stopped: {},
};

export class OutputLife {
  #state: OutputState = 'safe';

  get state(): OutputState {
    return this.#state;
  }

  /** Whether the event means anything now; then the state is the one that it leads to. */
  take(event: OutputEvent): boolean {
    const next = LEADS_TO[this.#state][event];
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}
