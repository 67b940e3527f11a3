// What a description means once it is checked: every position known, every duration in ms. Made by config/resolve/.
import type { MuxChannel } from './ports.js';
import type { DeviceClass } from './home-assistant/classes.js';
import type { Calibration } from './codec/calibration.js';
import type { BitRange } from './codec/number-codecs.js';
import type { FieldTypeName, NumberTypeName } from './codec/wire-types.js';
import type { CheckSpec } from './codec/checksum.js';

/** The most a value can really change between two readings: at all, or in proportion to the time between them. */
export interface MaxStep {
  readonly by: number;
  readonly perMs?: number;
}

export interface FieldSpec {
  readonly id: string;
  readonly type: FieldTypeName;
  /** First byte in the reply's body, where echo, status and checksums are not counted; with split, which part. */
  readonly at: number;
  /** 0 is the least significant bit; for type `bit` only. */
  readonly bit?: number;
  /** Bytes, for text, hex and decimal. */
  readonly length?: number;
  /** The bits that belong to it, of a whole number. */
  readonly bits?: BitRange;
  /** Raw numbers or texts that say that there is no value. */
  readonly none?: readonly (number | string)[];
  /** Raw number → name: the value is the name. */
  readonly names?: ReadonlyMap<number, string>;
  /** Value = raw × scale + offset, calibrated. */
  readonly scale?: number;
  readonly offset?: number;
  readonly calibration?: Calibration;
  /** Digits behind the point. */
  readonly round?: number;
  readonly maxStep?: MaxStep;
  /** Of so many readings the median is the value. */
  readonly median?: number;
  /** Where it stands still for longer, nothing of the reply is believed. */
  readonly changesWithinMs?: number;
  /** With `onChange`: a change of so much or less is none. */
  readonly deadband?: number;
  readonly unit?: string;
  /** What it is to Home Assistant, where the description says so. */
  readonly deviceClass?: DeviceClass;
  readonly min?: number;
  readonly max?: number;
  readonly label?: string;
  /** Its first id, where it has another now. */
  readonly was?: string;
}

/** A device that is not ready yet is asked again: the read is repeated, the write is not. */
export interface ReadySpec {
  readonly againMs: number;
  readonly withinMs: number;
  /** First bytes of a reply that mean "not yet", beside a status of that word. */
  readonly busy: readonly number[];
  /** No acknowledgement of the read means "not yet", as with sensors that measure meanwhile. */
  readonly noAck: boolean;
}

/** What stands around a reply as a whole. */
export interface EnvelopeSpec {
  /** One such byte may come before the frame. */
  readonly stray?: number;
  readonly start: Uint8Array;
  /** A byte behind the start says how long the body is, the rest of the frame, or all of it. */
  readonly length?: 'body' | 'rest' | 'all';
  readonly end: Uint8Array;
}

/** What is written, how the reply is read, and what stands around its body. */
export interface QuestionSpec {
  readonly write: Uint8Array;
  readonly readLength: number;
  readonly repeatedStart: boolean;
  /** Pause between write and read; other devices use the bus meanwhile. */
  readonly delayMs?: number;
  /** Each byte of the reply is a read of its own. */
  readonly bytewise?: boolean;
  readonly ready?: ReadySpec;
  readonly envelope?: EnvelopeSpec;
  readonly check?: CheckSpec;
  /** So many of the written bytes come first in the reply. */
  readonly echo?: number;
  /** The first byte behind the echo: value → word. `ok` and `busy` have a meaning, all else names an error. */
  readonly status?: ReadonlyMap<number, string>;
}

/** One periodic read, and what its bytes mean. */
export interface SampleSpec extends QuestionSpec {
  readonly everyMs: number;
  /** The body is ASCII text, and its parts between this are the fields. */
  readonly split?: string;
  /** There where unchanged readings are not told: only the state has them. */
  readonly onChange?: { readonly longestSilenceMs: number };
  readonly fields: readonly FieldSpec[];
}

export interface IdentifySpec extends QuestionSpec {
  /** The body of the right device's reply. */
  readonly expect: Uint8Array;
}

export interface ArgumentSpec {
  readonly id: string;
  readonly type: NumberTypeName | 'bool';
  readonly scale?: number;
  readonly unit?: string;
  /** In the argument's own unit, both always known: the type's limits where none is given. */
  readonly min: number;
  readonly max: number;
  readonly label?: string;
  readonly default?: number | boolean;
}

/** A byte, or the place where an argument's bytes go. */
export type TemplatePart = number | { readonly argument: string };

export interface VerifySpec extends QuestionSpec {
  readonly equals: readonly TemplatePart[];
  /** Waits this long after the command's write: firmware may need it to act. */
  readonly afterMs: number;
}

export interface CommandSpec {
  readonly id: string;
  readonly label?: string;
  readonly args: readonly ArgumentSpec[];
  readonly write: readonly TemplatePart[];
  /** Written twice it does what it does once: it may be repeated when the bus failed. */
  readonly idempotent?: boolean;
  readonly verify?: VerifySpec;
  readonly ending?: EndingSpec;
  /** What its output is to people, where the kind of its argument does not tell. */
  readonly as?: 'light';
  /** The field that shows what it has set, or that none does; where absent it is found by name. */
  readonly field?: string | false;
  /** Its first id, where it has another now. */
  readonly was?: string;
}

/** How an output is made safe again, and after how long. */
export interface EndingSpec {
  /** What it is written to make it safe. */
  readonly safe: PlannedWrite;
  /** The duration of a command that names none; without it such a command's output stays as it is. */
  readonly defaultMs?: number;
  /** The longest a command may ask for. */
  readonly maxMs: number;
  /** Where a process ended in between: made safe by the next one, or only named. */
  readonly afterCrash: 'safe' | 'leave';
}

export type ArgumentValues = ReadonlyMap<string, number | boolean>;

/** A write that the gateway makes on its own account: a command of the type, or plain bytes. */
export interface PlannedWrite {
  /** Its reply goes to `reply/<name>`. */
  readonly name: string;
  readonly spec: CommandSpec;
  readonly args: ArgumentValues;
}

/** An analog voltage of the simulated world at an input pin, as a function of time or of what an output pin does. */
export type SimulatedInput =
  | { readonly kind: 'wave'; readonly mean: number; readonly swing: number; readonly periodMs: number }
  | {
      readonly kind: 'tank';
      /** The pin whose duty fills it. */
      readonly filledBy: string;
      /** Volts a second at full duty, and volts a second that leak away. */
      readonly gain: number;
      readonly leak: number;
      readonly start: number;
    };

export interface SimulateSpec {
  /** An Intel-hex file of ATmega328P firmware, as written in the configuration. */
  readonly firmware: string;
  /** Arduino pin name (A0…A5) → voltage. */
  readonly inputs: ReadonlyMap<string, SimulatedInput>;
}

export interface DeviceType {
  readonly id: string;
  readonly label?: string;
  readonly restMs: number;
  readonly identify?: IdentifySpec;
  readonly samples: readonly SampleSpec[];
  readonly commands: ReadonlyMap<string, CommandSpec>;
  /** Whenever it is found: at the gateway's start, and each time it was away. In this order. */
  readonly onConnect: readonly PlannedWrite[];
  /** At the gateway's orderly stop. In this order. */
  readonly onStop: readonly PlannedWrite[];
  readonly simulate?: SimulateSpec;
}

export interface Device {
  readonly id: string;
  readonly label?: string;
  readonly type: DeviceType;
  readonly bus: string;
  readonly address: number;
  /** Where it is not directly on the bus. */
  readonly via?: MuxChannel;
  /** Where it is, for people. */
  readonly area?: string;
  /** Its first id, where it has another now. */
  readonly was?: string;
}
