// Is the device there? One state, one table of what may be done with it in each, and one of what leads to which.
import { GatewayError } from '../../shared/errors.js';

/** What somebody may want of a device. */
export type Errand =
  /** A reading. */
  | 'poll'
  /** To identify it and set it up: the steps of a look. */
  | 'probe'
  | 'command'
  /** What makes an output safe: never a question of what is thought of the device. */
  | 'safeWrite';

/** What of its outcomes is heeded: of one that is not known to be the right one, only what went wrong. */
export type Heeded = 'all' | 'failures' | 'nothing';

type Allowed = Readonly<Record<Errand, boolean>> & { readonly heeds: Heeded };

/**
 * `unknown`: before the start. `assumed`: it offers nothing to ask for, so it is taken to be there. `away`: waits to be
 * looked for. `looking`: it is identified and set up. `looking_anew`: what that look finds does not count any more.
 * `present`: identified and set up, and since then never found absent. `paused…`: left alone by request. `stopping`: only
 * outputs are made safe. `stopped`: for good.
 */
export const ALLOWS = {
  unknown: { poll: false, probe: false, command: true, safeWrite: true, heeds: 'failures' },
  assumed: { poll: false, probe: false, command: true, safeWrite: true, heeds: 'all' },
  away: { poll: false, probe: true, command: true, safeWrite: true, heeds: 'failures' },
  looking: { poll: false, probe: true, command: true, safeWrite: true, heeds: 'failures' },
  looking_anew: { poll: false, probe: false, command: true, safeWrite: true, heeds: 'failures' },
  present: { poll: true, probe: false, command: true, safeWrite: true, heeds: 'all' },
  paused: { poll: false, probe: false, command: true, safeWrite: true, heeds: 'all' },
  paused_away: { poll: false, probe: false, command: true, safeWrite: true, heeds: 'failures' },
  paused_looking: { poll: false, probe: false, command: true, safeWrite: true, heeds: 'failures' },
  paused_assumed: { poll: false, probe: false, command: true, safeWrite: true, heeds: 'all' },
  stopping: { poll: false, probe: false, command: true, safeWrite: true, heeds: 'nothing' },
  stopped: { poll: false, probe: false, command: false, safeWrite: false, heeds: 'nothing' },
} as const satisfies Readonly<Record<string, Allowed>>;

export type PresenceState = keyof typeof ALLOWS;

/**
 * `seek` and `assume`: the start. `look`, `found`, `look_over`: a look begins, has found it, has ended. `lost`: an outcome
 * says that it is gone. `reset`: its bus was, maybe by its power. `end`: behind the last safe write.
 */
export type PresenceEvent =
  | 'seek'
  | 'assume'
  | 'look'
  | 'found'
  | 'look_over'
  | 'lost'
  | 'reset'
  | 'pause'
  | 'pause_over'
  | 'stop'
  | 'end';

type Ways = Readonly<Partial<Record<PresenceEvent, PresenceState>>>;

const STOP = { stop: 'stopping', end: 'stopped' } as const;

/** What is not named here means nothing in that state. Who was left alone may have been flashed or exchanged meanwhile. */
export const LEADS_TO: Readonly<Record<PresenceState, Ways>> = {
  unknown: { seek: 'away', assume: 'assumed', ...STOP },
  assumed: { pause: 'paused_assumed', ...STOP },
  away: { look: 'looking', pause: 'paused_away', ...STOP },
  looking: {
    found: 'present',
    look_over: 'away',
    lost: 'looking_anew',
    reset: 'looking_anew',
    pause: 'paused_looking',
    ...STOP,
  },
  looking_anew: { look_over: 'away', pause: 'paused_looking', ...STOP },
  present: { lost: 'away', reset: 'away', pause: 'paused', ...STOP },
  paused: { lost: 'paused_away', reset: 'paused_away', pause: 'paused', pause_over: 'away', ...STOP },
  paused_away: { pause: 'paused_away', pause_over: 'away', ...STOP },
  paused_looking: {
    look_over: 'paused_away',
    pause: 'paused_looking',
    pause_over: 'looking_anew',
    ...STOP,
  },
  paused_assumed: { pause: 'paused_assumed', pause_over: 'assumed', ...STOP },
  stopping: { end: 'stopped' },
  stopped: {},
};

export class Presence {
  #state: PresenceState = 'unknown';

  get state(): PresenceState {
    return this.#state;
  }

  get heeds(): Heeded {
    return ALLOWS[this.#state].heeds;
  }

  /** Whether the event means anything now; then the state is the one that it leads to. */
  take(event: PresenceEvent): boolean {
    const next = LEADS_TO[this.#state][event];
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  may(errand: Errand): boolean {
    return ALLOWS[this.#state][errand];
  }

  /** Why it may not be run, to be asked when its turn on the bus comes: `closed` behind the stop, else `overdue`. */
  refusal(errand: Errand): GatewayError | undefined {
    if (this.may(errand)) return undefined;
    return this.heeds === 'nothing'
      ? new GatewayError('closed', 'The gateway is stopping, or the device has left its configuration.')
      : new GatewayError('overdue', 'The device is paused, or was lost before this had its turn.');
  }
}
