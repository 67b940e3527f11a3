// What an alarm means once its description is checked: what raises it, what ends it, and who is told.
import type { Value } from '../sample.js';

/** From the least to the most. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type Direction = 'up' | 'down' | 'either';

/** `hysteresis`: a raised alarm ends when the value is back by so much behind its limit. */
export type ValueCondition =
  | { readonly kind: 'above'; readonly limit: number; readonly hysteresis: number }
  | { readonly kind: 'below'; readonly limit: number; readonly hysteresis: number }
  | { readonly kind: 'outside'; readonly low: number; readonly high: number; readonly hysteresis: number }
  | { readonly kind: 'is'; readonly values: readonly NonNullable<Value>[] }
  | {
      readonly kind: 'rate';
      /** A larger change within this time. */
      readonly by: number;
      readonly withinMs: number;
      readonly direction: Direction;
      readonly hysteresis: number;
    };

export type AlarmCondition =
  | (ValueCondition & { readonly field: string })
  /** Nothing that is believed came of the field, or of the whole device, for so long. */
  | { readonly kind: 'stale'; readonly field?: string; readonly afterMs: number }
  | { readonly kind: 'offline' };

/** What says what raises an alarm: each has one of these. */
export const CONDITION_KINDS = ['above', 'below', 'outside', 'is', 'rate', 'stale', 'offline'] as const;
export type ConditionKind = (typeof CONDITION_KINDS)[number];

export interface AlarmSpec {
  readonly id: string;
  readonly label?: string;
  readonly severity: Severity;
  readonly condition: AlarmCondition;
  /** So long it has to be so. */
  readonly forMs: number;
  /** Templates (sentence.ts). */
  readonly message: string;
  readonly cleared: string;
  /** What the sentences call things. */
  readonly words: { readonly field: string; readonly unit: string; readonly limit: string };
}

/** What an alarm tells of itself, and what a webhook can be sent. */
export const OCCASIONS = ['raised', 'cleared', 'acknowledged'] as const;
export type AlarmOccasion = (typeof OCCASIONS)[number];

/** Who is told of alarms over HTTP. */
export interface WebhookSpec {
  readonly id: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A text, or what is sent as JSON; all facts as JSON where it is absent. */
  readonly body?: { readonly text: string } | { readonly json: unknown };
  readonly occasions: ReadonlySet<AlarmOccasion>;
  /** From this on. */
  readonly severity: Severity;
  readonly timeoutMs: number;
  /** A notice that nobody took for so long is given up. */
  readonly keepMs: number;
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}
