// One alarm of one device: what it hears, and when it is raised and over. Pure: it is given the time, and gives what has changed.
//
// Only what is believed counts: a value that is null neither raises nor ends anything. While a device is paused by request
// nothing of it is judged, and a wait (`for`, `stale`) begins anew behind the pause; behind an absence the wait of `for` does.
import type { AlarmSpec } from '../../shared/alarms/spec.js';
import type { Value } from '../../shared/sample.js';
import type { AvailabilityState } from '../device/availability.js';
import { judgeOf, type Judge, type Verdict } from './judge.js';

export interface Moment {
  /** Milliseconds that never jump, without those in which the process stood still. */
  readonly ms: number;
  /** Epoch ms. */
  readonly ts: number;
}

/** Who has said that he knows of it. */
export interface Acknowledgement {
  readonly by: string;
  readonly ts: number;
  readonly note?: string;
}

export interface Raised {
  /** Epoch ms. */
  readonly since: number;
  /** That raised it; null where it was no value. */
  readonly value: Value;
  readonly acknowledged?: Acknowledgement;
}

export type Change = 'raised' | 'cleared' | undefined;

export class Alarm {
  readonly spec: AlarmSpec;
  readonly #judge: Judge | undefined;
  #raised: Raised | undefined;
  /** Epoch ms: since it was over last, or since the start. */
  #clearSince: number;
  /** The newest that is believed. */
  #value: Value = null;
  /** Since when there is a reason to raise it. */
  #reasonMs: number | undefined;
  /** When something that is believed was read last, or may be waited for from. */
  #heardMs: number;
  #isPaused = false;

  constructor(spec: AlarmSpec, start: Moment, raised?: Raised) {
    this.spec = spec;
    this.#heardMs = start.ms;
    this.#clearSince = start.ts;
    this.#raised = raised;
    this.#value = raised?.value ?? null;
    const { condition } = spec;
    if (condition.kind !== 'stale' && condition.kind !== 'offline') this.#judge = judgeOf(condition);
  }

  get raised(): Raised | undefined {
    return this.#raised;
  }

  /** Of the state that holds. Epoch ms. */
  get since(): number {
    return this.#raised?.since ?? this.#clearSince;
  }

  get value(): Value {
    return this.#value;
  }

  /** When it has to be asked again (`tick`) though nothing is read; undefined where that raises nothing. */
  get dueMs(): number | undefined {
    const { condition, forMs } = this.spec;
    if (this.#isPaused || this.#raised !== undefined) return undefined;
    if (condition.kind === 'stale') return this.#heardMs + condition.afterMs;
    if (condition.kind === 'offline' && this.#reasonMs !== undefined) return this.#reasonMs + forMs;
    return undefined;
  }

  /** Values of one sample: what is not in it is of another one. */
  reading(values: Readonly<Record<string, Value>>, at: Moment): Change {
    if (this.#isPaused) return undefined;
    const { condition } = this.spec;
    if (condition.kind === 'offline') return undefined;
    const { field } = condition;
    if (condition.kind === 'stale') {
      const heard = field === undefined ? Object.values(values) : [ownValue(values, field)];
      if (heard.every((value) => value === null)) return undefined;
      this.#heardMs = at.ms;
      if (field !== undefined) this.#value = ownValue(values, field);
      return this.#over(at);
    }
    const value = ownValue(values, field ?? '');
    const verdict = value === null ? undefined : this.#judge?.(value, at.ms);
    if (verdict === undefined) return undefined;
    this.#value = value;
    return this.#heed(verdict, at);
  }

  /** What is not known yet says nothing. */
  availability(state: AvailabilityState, at: Moment): Change {
    if (state === 'unknown' || this.#isPaused) return undefined;
    const isAway = state === 'offline';
    if (this.spec.condition.kind === 'offline') return this.#heed(isAway ? 'beyond' : 'well', at);
    if (isAway) this.#reasonMs = undefined;
    return undefined;
  }

  /** `state`: what is known of the device by now. */
  pause(isPaused: boolean, state: AvailabilityState, at: Moment): Change {
    this.#isPaused = isPaused;
    this.#reasonMs = undefined;
    this.#heardMs = at.ms;
    return isPaused ? undefined : this.availability(state, at);
  }

  tick(at: Moment): Change {
    const { dueMs } = this;
    return dueMs !== undefined && at.ms >= dueMs ? this.#raise(at) : undefined;
  }

  /** Who has acknowledged it: who said it first has said it. Undefined where it is not raised. */
  acknowledge(said: Acknowledgement): Acknowledgement | undefined {
    if (this.#raised === undefined) return undefined;
    const { acknowledged = said } = this.#raised;
    this.#raised = { ...this.#raised, acknowledged };
    return acknowledged;
  }

  #heed(verdict: Verdict, at: Moment): Change {
    if (verdict === 'well') return this.#over(at);
    if (verdict === 'between') {
      // It is not beyond its limit all the time.
      this.#reasonMs = undefined;
      return undefined;
    }
    if (this.#raised !== undefined) return undefined;
    this.#reasonMs ??= at.ms;
    return at.ms - this.#reasonMs >= this.spec.forMs ? this.#raise(at) : undefined;
  }

  #raise({ ts }: Moment): Change {
    this.#reasonMs = undefined;
    this.#raised = { since: ts, value: this.#value };
    return 'raised';
  }

  #over({ ts }: Moment): Change {
    this.#reasonMs = undefined;
    if (this.#raised === undefined) return undefined;
    this.#raised = undefined;
    this.#clearSince = ts;
    return 'cleared';
  }
}

function ownValue(values: Readonly<Record<string, Value>>, field: string): Value {
  return Object.hasOwn(values, field) ? (values[field] ?? null) : null;
}
