// What the page knows of gateways and devices, cleaned of what is not as it should be.
import type { Severity } from '../../../../shared/alarms/spec.js';
import type { EventMessage, ReplyMessage } from '../../../../shared/messages.js';
import type { Value } from '../../../../shared/sample.js';
import type { Skew } from './skew.js';
import type { Trend } from './trend.js';

export const DEVICE_STATES = ['online', 'degraded', 'offline', 'unknown'] as const;
export type DeviceState = (typeof DEVICE_STATES)[number];

export interface ShownField {
  readonly id: string;
  readonly label: string;
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  /** Between two recorded readings lies no more; undefined where it is not known. */
  readonly recordedEveryMs?: number;
}

export interface ShownArgument extends ShownField {
  readonly type: 'number' | 'boolean' | 'string';
  readonly fallback?: number | boolean | string;
  /** All that it can be, of a text. */
  readonly names?: readonly string[];
}

export interface ShownCommand {
  readonly id: string;
  readonly label: string;
  readonly args: readonly ShownArgument[];
  /** There where it ends by itself. */
  readonly ending?: { readonly defaultMs?: number; readonly maxMs: number };
}

export interface ShownMeta {
  readonly label: string;
  readonly type?: string;
  readonly bus?: string;
  readonly address?: string;
  readonly fields: ReadonlyMap<string, ShownField>;
  readonly commands: ReadonlyMap<string, ShownCommand>;
  /** The shortest of its samples; undefined where it is not known. */
  readonly intervalMs?: number;
}

export interface ShownAvailability {
  readonly state: DeviceState;
  readonly since?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly pausedUntil?: number;
}

export interface ShownState {
  readonly ts?: number;
  readonly values: ReadonlyMap<string, Value>;
  readonly errors: ReadonlyMap<string, string>;
}

export interface ShownFault {
  readonly code: string;
  readonly count: number;
  readonly share?: number;
  readonly ts?: number;
  readonly bytes?: string;
  readonly message?: string;
  readonly hint?: string;
}

export interface ShownTraffic {
  readonly transactions: number;
  readonly failures: number;
  /** Of the bus, 0 to 1. */
  readonly share: number;
  readonly meanMs?: number;
  readonly longestMs?: number;
}

export interface ShownAlarm {
  readonly id: string;
  readonly label: string;
  readonly isRaised: boolean;
  readonly severity: Severity;
  readonly since?: number;
  readonly message?: string;
  readonly limit?: string;
  readonly acknowledged?: { readonly by: string; readonly ts?: number; readonly note?: string };
}

export interface FileTrouble {
  readonly refused?: { readonly mistake: string; readonly more: number };
  readonly needsRestart: readonly string[];
}

/** One device, changed in place: `site` says when. */
export interface Device {
  readonly key: string;
  readonly gateway: string;
  readonly id: string;
  meta: ShownMeta;
  availability: ShownAvailability;
  state: ShownState;
  faults: readonly ShownFault[];
  traffic?: ShownTraffic;
  readonly alarms: Map<string, ShownAlarm>;
  /** By field; begun when somebody looks. */
  readonly trends: Map<string, Trend>;
  /** Its newest reading is older than it should be. */
  isOld: boolean;
}

export interface ShownBus {
  readonly id: string;
  readonly state: 'up' | 'down' | 'unknown';
  readonly ts?: number;
  readonly utilisation?: number;
  readonly waiting: { readonly command: number; readonly poll: number };
  readonly transactions?: number;
  readonly failures?: number;
  readonly scheduled?: number;
  readonly measured?: number;
  readonly isOverloaded: boolean;
  /** Step → how often, those that were taken. */
  readonly recovery: readonly (readonly [step: string, count: number])[];
}

export interface HeldOutput {
  readonly device: string;
  readonly command: string;
  /** Epoch ms of the gateway's clock. */
  readonly untilTs: number;
}

/** One gateway at this broker, changed in place. */
export interface GatewayLife {
  readonly id: string;
  state: 'online' | 'offline' | 'unknown';
  leftOn: readonly string[];
  /** Outputs that are on and end by themselves; `isWhole`: all of them. */
  held: { readonly outputs: readonly HeldOutput[]; readonly isWhole: boolean };
  /** Epoch ms of this machine: when its health came last. */
  healthTs: number;
  /** Of the store, where it is not well. */
  storeTrouble?: string;
  /** Of the configuration's file: why its newest state does not run, and what of it waits for a restart. */
  file: FileTrouble;
  readonly buses: Map<string, ShownBus>;
  skewMs: Skew['skewMs'];
  skewBy: Skew['skewBy'];
}

/** Something that happened just now. */
export type Happening =
  | { readonly kind: 'event'; readonly gateway: string; readonly event: EventMessage }
  | {
      readonly kind: 'reply';
      readonly gateway: string;
      readonly device: string;
      readonly name: string;
      readonly reply: ReplyMessage;
    }
  | {
      readonly kind: 'log';
      readonly gateway: string;
      readonly level: string;
      readonly text: string;
      readonly ts: number;
    };
