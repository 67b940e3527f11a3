// What a description says of what is written: arguments, templates, bits that are changed.
import type { Expression } from '../expression/parse.js';
import type { ArgumentTypeName } from '../wire-types.js';

export interface ArgumentSpec {
  readonly id: string;
  readonly type: ArgumentTypeName;
  /** Raw = (value - offset) / scale. */
  readonly scale?: number;
  readonly offset?: number;
  readonly unit?: string;
  /** In the argument's own unit, both always known: the type's limits where none is given. Of a text they say nothing. */
  readonly min: number;
  readonly max: number;
  /** Raw number → name: the value is the name. */
  readonly names?: ReadonlyMap<number, string>;
  /** Of a text and of a decimal: so many characters at the most. */
  readonly length?: number;
  /** What a shorter text is filled with; without it, it is as long as it is. */
  readonly pad?: number;
  /** Of a decimal: digits behind the point. */
  readonly round?: number;
  readonly label?: string;
  readonly default?: ArgumentValue;
}

/** One that nobody gives. */
export interface ComputedArgument extends ArgumentSpec {
  readonly compute: Expression;
}

/** A byte, or the place of an argument's bytes. */
export type TemplatePart = number | { readonly argument: string };

/** A part of a byte or word that is read, changed and written back, with nobody else in between. */
export interface ModifySpec {
  /** The bits that become the argument's value, moved to the lowest of them. */
  readonly mask: number;
  readonly value: TemplatePart;
  /** The argument is only true or false: all bits of the mask are as it is. */
  readonly truth?: boolean;
  /** Of an argument of more than one byte: its first is the least significant. */
  readonly littleEndian?: boolean;
  /** Each of these bits the other way round: an output that is on when its bit is 0. */
  readonly invert: boolean;
  /** Bits that are always written as 1: inputs of a port without directions. */
  readonly ones: number;
}

export type ArgumentValue = number | boolean | string;
export type ArgumentValues = ReadonlyMap<string, ArgumentValue>;
