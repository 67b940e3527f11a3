// The payloads of the topics: shapes that front ends build on. Written as JSON; times are epoch ms.
import type { ConditionKind, Severity } from './alarms/spec.js';
import type { ErrorBody, ErrorCode } from './errors.js';
import type { Value } from './sample.js';

/** Where a gateway runs, for people who look for it. */
export interface Whereabouts {
  /** The machine's name. */
  readonly host: string;
  readonly address?: string;
}

export interface StatusMessage extends Partial<Whereabouts> {
  readonly state: 'online' | 'offline';
  readonly boot: string;
  readonly ts: number;
}

export interface AvailabilityMessage {
  readonly state: 'online' | 'degraded' | 'offline';
  readonly since: number;
  readonly reason: ErrorCode | null;
  /** The sentence to the reason, with the bytes seen. */
  readonly message?: string;
  /** What is probably wrong, and what to do. */
  readonly hint?: string;
  /** Not polled until then, by request. */
  readonly pausedUntil?: number;
}

/** `state`: the newest value of every field, whichever sample brought it. */
export interface StateMessage {
  readonly ts: number;
  readonly values: Readonly<Record<string, Value>>;
  readonly errors?: Readonly<Record<string, string>>;
}

/** Who sent a message, where the broker tells. */
export interface Sender {
  /** MQTT client id, or `http`, or `shell`: somebody on the gateway's own machine. */
  readonly client: string;
  readonly user?: string;
}

/** `alarm/<id>` of a device. */
export interface AlarmMessage {
  readonly state: 'raised' | 'clear';
  /** Of the state. */
  readonly since: number;
  readonly severity: Severity;
  /** What raises it. */
  readonly kind: ConditionKind;
  readonly label: string;
  readonly field?: string;
  /** In words, with the unit. */
  readonly limit?: string;
  /** While it is raised: what raised it, and the sentence. */
  readonly value?: Value;
  readonly message?: string;
  /** While it is raised, once somebody has said that he knows. */
  readonly acknowledged?: { readonly by: string; readonly ts: number; readonly note?: string };
}

export const REPLY_STATUSES = ['done', 'failed', 'rejected', 'expired'] as const;
export type ReplyStatus = (typeof REPLY_STATUSES)[number];

/** Why the gateway wrote on its own account. */
export type Occasion = 'on_connect' | 'on_stop' | 'for' | 'crash';

export interface ReplyMessage {
  readonly id: string;
  readonly status: ReplyStatus;
  /** There where it was no command: why the gateway wrote by itself. */
  readonly by?: Occasion;
  /** The id of the command that such a write follows. */
  readonly of?: string;
  readonly data?: Readonly<Record<string, Value>>;
  readonly error?: ErrorBody;
  readonly ts: number;
  /** From the command's arrival to this reply. */
  readonly ms: number;
  /** The command came before, and this is the answer that it had then: `ts` is that time. */
  readonly repeated?: true;
}

export type ResponseMessage =
  | { readonly id: string; readonly status: 'ok'; readonly data: unknown }
  | { readonly id: string; readonly status: 'error'; readonly error: ErrorBody };

export interface EventMessage {
  readonly type: string;
  readonly ts: number;
  readonly device?: string;
  readonly command?: string;
  readonly bus?: string;
  readonly code?: ErrorCode;
  readonly message?: string;
  readonly hint?: string;
  /** Of an alarm: its id, and who has acknowledged it. */
  readonly alarm?: string;
  readonly severity?: Severity;
  readonly value?: Value;
  readonly by?: string;
  readonly note?: string;
  /**
   * Of a jump of the clock: what it showed before and after, and how many samples were moved by as much; of a standstill its
   * first and last moment.
   */
  readonly from?: number;
  readonly to?: number;
  readonly corrected?: number;
  /** Of a pause. */
  readonly until?: number;
  /** Events of this type that were not said since the last one: a noisy line has many. */
  readonly leftOut?: number;
  /** Of a configuration that was taken up. */
  readonly difference?: ConfigurationChange;
}

/** Ids of devices; of `needsRestart` settings. Lists that are empty are left out, long ones end with how many more there are. */
export type ConfigurationChange = Readonly<
  Partial<Record<'added' | 'removed' | 'changed' | 'needsRestart' | 'waiting', readonly string[]>>
>;

const encoder = new TextEncoder();

/** A message as the bytes of its payload. */
export function encodeJson(message: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(message));
}

export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}
