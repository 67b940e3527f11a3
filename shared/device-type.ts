// What a description means once it is checked: every position known, every duration in ms. Made by config/resolve/.
import type { AlarmSpec } from './alarms/spec.js';
import type { MuxChannel } from './ports.js';
import type { DeviceClass } from './home-assistant/classes.js';
import type { Calibration } from './codec/calibration.js';
import type { BitRange } from './codec/number-codecs.js';
import type { COMPUTED, FieldTypeName } from './codec/wire-types.js';
import type {
  ArgumentSpec,
  ArgumentValues,
  ComputedArgument,
  ModifySpec,
  TemplatePart,
} from './codec/write/spec.js';
import type { CheckSpec } from './codec/checksum.js';
import type { Expression } from './codec/expression/parse.js';
import type { FieldTest, ReplyTest } from './codec/reply-test.js';
import type { SimulateSpec } from './config/simulated.js';

/** The most a value can really change between two readings: at all, or in proportion to the time between them. */
export interface MaxStep {
  readonly by: number;
  readonly perMs?: number;
}

export interface FieldSpec {
  readonly id: string;
  readonly type: FieldTypeName | typeof COMPUTED;
  /** First byte in the reply's body, where echo, status and checksums are not counted; with split, which part. */
  readonly at: number;
  /** The name that stands before it in a text of named parts. */
  readonly key?: string;
  /** The order of its bytes before they are read: 16-bit words from the last to the first, or the two bytes of each changed. */
  readonly swap?: 'words' | 'bytes';
  /** Of a whole number that is true where these bits are so: one of `is`, else not all 0. */
  readonly mask?: number;
  readonly is?: readonly number[];
  /** What it is computed from, for type `computed` only; its raw number is what comes out. */
  readonly compute?: Expression;
  /** Seconds since 1970 that are told as the text of a date and time. */
  readonly format?: 'datetime';
  /** It has a value only where these are passed. */
  readonly valid?: readonly FieldTest[];
  /** Beyond its limits it is its limit, in place of not being believed. */
  readonly clamp?: boolean;
  /** A raw number that a simulated target gives; around it where it is measured. */
  readonly example?: number;
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
  /** A reply that does not pass these means "not yet". */
  readonly when?: readonly ReplyTest[];
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
  /** A reply that does not pass these is not believed: device_error. */
  readonly valid?: readonly ReplyTest[];
  /** A reply that does not pass these says that the device has lost its set-up: set_up_lost. */
  readonly configured?: readonly ReplyTest[];
  /** All FF can be data here, not only a bus without a target. */
  readonly allFf?: boolean;
  /** false: what it reads is gone once it was read, so it is never asked again after a fault of the bus. */
  readonly repeatable?: boolean;
}

/** How the body of a reply is taken apart. */
export interface BodySpec {
  /** The body is ASCII text, and its parts between this are the fields. */
  readonly split?: string;
  /** Each part is a name, this, and the value: fields are found by their names. */
  readonly pair?: string;
  readonly fields: readonly FieldSpec[];
}

/** One step of a conversation: a write, a pause, a read, or all three. Without a read `readLength` is 0. */
export interface StepSpec extends QuestionSpec, BodySpec {
  /** The device need not acknowledge the write. */
  readonly nack?: boolean;
  /** It is written to the general call address, in place of the device's own. */
  readonly generalCall?: boolean;
  /** Left out where fields of earlier steps do not pass these. */
  readonly onlyIf?: readonly FieldTest[];
  /** Of a sample: left out for longer than this, the device has lost its set-up. */
  readonly takenWithinMs?: number;
  /** Of a command: taken also where an earlier step has failed. */
  readonly always?: boolean;
}

/** Several writes, pauses and reads that belong together, and what is made of them. */
export interface ConversationSpec {
  readonly steps: readonly StepSpec[];
  /** Computed fields, in an order in which each can be computed. */
  readonly computed: readonly FieldSpec[];
  /** The fields that are told, in the order of the description; the others are for these. */
  readonly fields: readonly FieldSpec[];
  /** Written when the reading is believed, and only then. */
  readonly acknowledge?: Uint8Array;
}

/** One periodic read, and what its bytes mean. */
export interface SampleSpec extends QuestionSpec, BodySpec {
  readonly everyMs: number;
  /** There where one question does not say it all; then the question and the text of this sample are empty. */
  readonly conversation?: ConversationSpec;
  /** There where unchanged readings are not told: only the state has them. */
  readonly onChange?: { readonly longestSilenceMs: number };
}

export interface IdentifySpec extends QuestionSpec {
  /** What goes before the question. */
  readonly before?: readonly StepSpec[];
  /** The body of the right device's reply, or an example of one. */
  readonly expect: Uint8Array;
  /** Other bodies of a right one. */
  readonly others?: readonly Uint8Array[];
  /** In place of bodies: what a right one passes. */
  readonly passes?: readonly ReplyTest[];
}

/** A step of a command: its write has places for arguments. */
export interface CommandStepSpec {
  readonly write: readonly TemplatePart[];
  /** Checksums that the written bytes carry; with `modify` those that are written back, not what asks for them. */
  readonly writeCheck?: CheckSpec;
  readonly step: StepSpec;
  readonly modify?: ModifySpec;
}

export interface VerifySpec extends QuestionSpec {
  /** What goes before the question. */
  readonly before?: readonly StepSpec[];
  readonly equals: readonly TemplatePart[];
  /** Waits this long after the command's write: firmware may need it to act. */
  readonly afterMs: number;
}

export interface CommandSpec {
  readonly id: string;
  readonly label?: string;
  /** Those that are given. */
  readonly args: readonly ArgumentSpec[];
  readonly computedArgs?: readonly ComputedArgument[];
  readonly write: readonly TemplatePart[];
  /** Checksums that the written bytes carry. */
  readonly writeCheck?: CheckSpec;
  /** In place of the one write: a conversation, whose fields are the command's answer. */
  readonly steps?: readonly CommandStepSpec[];
  /** Of the answer. */
  readonly computed?: readonly FieldSpec[];
  readonly answer?: readonly FieldSpec[];
  /** Written twice it does what it does once: it may be repeated when the bus failed. False: twice does harm. */
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

/** A write that the gateway makes on its own account: a command of the type, or plain bytes. */
export interface PlannedWrite {
  /** Its reply goes to `reply/<name>`. */
  readonly name: string;
  readonly spec: CommandSpec;
  readonly args: ArgumentValues;
}

export interface DeviceType {
  readonly id: string;
  readonly label?: string;
  readonly restMs: number;
  /** The longest write and read that the device takes, where it is no AVR with 32 bytes. */
  readonly largest?: { readonly write: number; readonly read: number };
  readonly identify?: IdentifySpec;
  /** Read once it is identified, and again when it was reset: what other fields are computed with. */
  readonly constants: readonly ConversationSpec[];
  /** Values of the device's own that its description names. */
  readonly parameters: ReadonlyMap<string, number>;
  readonly samples: readonly SampleSpec[];
  readonly commands: ReadonlyMap<string, CommandSpec>;
  /** Whenever it is found: at the gateway's start, and each time it was away. In this order. */
  readonly onConnect: readonly PlannedWrite[];
  /** At the gateway's orderly stop. In this order. */
  readonly onStop: readonly PlannedWrite[];
  /** Of each of its devices, where the device says nothing else. */
  readonly alarms?: readonly AlarmSpec[];
  readonly simulate?: SimulateSpec;
}

export interface Device {
  readonly id: string;
  readonly label?: string;
  readonly type: DeviceType;
  readonly bus: string;
  readonly address: number;
  /** Behind a multiplexer. */
  readonly via?: MuxChannel;
  readonly area?: string;
  /** Its first id, where it has another now. */
  readonly was?: string;
  readonly alarms?: readonly AlarmSpec[];
}
