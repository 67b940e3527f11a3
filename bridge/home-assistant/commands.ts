// A command of a device → the entity that gives it: a button without arguments, else by the kind of its only one.
import { stepOf } from '../../shared/codec/write/argument.js';
import { defined } from '../../shared/config/defined.js';
import type { ArgumentSpec } from '../../shared/codec/write/spec.js';
import type { CommandSpec, DeviceType, FieldSpec } from '../../shared/device-type.js';
import { meaningOf } from '../../shared/home-assistant/units.js';
import { optionsOf } from './fields.js';
import { lightOf } from './light.js';
import { identityOf, keyOf, type Identity, type Owner } from './names.js';
import type { Component, Platform } from './payload.js';
import { shownBy } from './shown-by.js';
import { command, fieldValue, ofField } from './templates.js';

/** Home Assistant takes no smaller step. */
const LEAST_STEP = 0.001;
/** Nor a longer text. */
const LONGEST_TEXT = 255;
/** What an argument takes: printable ASCII. */
const PRINTABLE = '[ -~]';
/** A text entity reads None as a text, and this, its state where there is none, as what it is. */
const UNKNOWN = 'unknown';

export interface CommandPlace {
  readonly owner: Owner;
  readonly stateTopic: string;
  readonly commandTopic: string;
}

interface Given extends CommandPlace {
  readonly spec: CommandSpec;
  /** The field that shows what it has set; without one Home Assistant supposes that it did what it was told. */
  readonly field: FieldSpec | undefined;
}

/** Undefined for one of several arguments, or of one that can have a single value: no entity has them. */
export function commandComponent(
  spec: CommandSpec,
  type: Pick<DeviceType, 'samples'>,
  place: CommandPlace,
): readonly [string, Component] | undefined {
  const [argument, ...others] = spec.args;
  if (others.length > 0) return undefined;
  const given = { ...place, spec, field: shownBy(spec, type) };
  const component = argument === undefined ? buttonOf(given) : entityOf(given, argument);
  if (component === undefined) return undefined;
  return [keyOf({ ...spec, platform: component.platform, origin: 'command' }), component];
}

function entityOf(given: Given, argument: ArgumentSpec): Component | undefined {
  if (given.spec.as === 'light')
    return { ...lightOf(argument, given.field), ...head(given, 'light'), ...stateTopic(given) };
  if (argument.type === 'bool') return switchOf(given, argument);
  if (argument.type === 'text') return textOf(given, argument);
  if (argument.names !== undefined) return choiceOf(given, argument.id, [...argument.names.values()]);
  return selectOf(given, argument) ?? numberOf(given, argument);
}

function head(
  { owner, spec, commandTopic }: Given,
  platform: Platform,
): Identity & { readonly command_topic: string } {
  return { ...identityOf(owner, { ...spec, platform, origin: 'command' }), command_topic: commandTopic };
}

function stateTopic({ field, stateTopic: topic }: Given): { readonly state_topic?: string } {
  return field === undefined ? {} : { state_topic: topic };
}

/** Where a field shows it: as it is, or as the given template reads it. */
function shown(given: Given, template?: string): { state_topic?: string; value_template?: string } {
  const { field } = given;
  return field === undefined
    ? {}
    : { ...stateTopic(given), value_template: template ?? fieldValue(field.id) };
}

function buttonOf(given: Given): Component {
  return { platform: 'button', ...head(given, 'button'), command_template: command({}) };
}

function switchOf(given: Given, { id }: ArgumentSpec): Component {
  return {
    ...{ platform: 'switch', ...head(given, 'switch'), command_template: command({ [id]: '{{ value }}' }) },
    ...{ payload_on: 'true', payload_off: 'false', ...shown(given) },
    // As Python writes them.
    ...(given.field === undefined ? {} : { state_on: 'True', state_off: 'False' }),
  };
}

/** An argument with names: they are what it takes. */
function choiceOf(given: Given, id: string, names: readonly string[]): Component | undefined {
  const options = optionsOf(names);
  if (options.length === 0) return undefined;
  const name = `{{ ${JSON.stringify(Object.fromEntries(names.map((one) => [one.trim(), one])))}[value] | tojson }}`;
  return {
    ...{ platform: 'select', ...head(given, 'select'), command_template: command({ [id]: name }) },
    ...{ options, ...shown(given) },
  };
}

function textOf(given: Given, { id, length = 0 }: ArgumentSpec): Component {
  const max = Math.min(length, LONGEST_TEXT);
  return {
    ...{
      platform: 'text',
      ...head(given, 'text'),
      command_template: command({ [id]: '{{ value | tojson }}' }),
    },
    ...{ max, pattern: `^${PRINTABLE}*$` },
    ...(given.field === undefined ? {} : shown(given, asText(given.field, max))),
  };
}

/** What is longer, or of other characters, would be an error in Home Assistant's log again and again; `unknown` too. */
function asText({ id }: FieldSpec, max: number): string {
  const nothing = max < UNKNOWN.length ? '' : UNKNOWN;
  const isPossible = `v is match('${PRINTABLE}{0,${String(max)}}$')`;
  return ofField(id, `v if ${isPossible} else '${nothing}'`, nothing);
}

/** A number whose field has names for it: these are what one can choose. */
function selectOf(given: Given, { id, min, max, scale }: ArgumentSpec): Component | undefined {
  const names = given.field?.names;
  if (names === undefined || (scale ?? 1) !== 1) return undefined;
  const possible = [...names].filter(([raw]) => raw >= min && raw <= max);
  const options = optionsOf(possible.map(([, name]) => name));
  if (options.length === 0) return undefined;
  const raws = options.map((option) => [option, possible.find(([, name]) => name.trim() === option)?.[0]]);
  const value = `{{ ${JSON.stringify(Object.fromEntries(raws))}[value] }}`;
  // One of those that cannot be chosen would be an error in Home Assistant's log, again and again.
  const isPossible = `v if v | trim in ${JSON.stringify(options)} else 'None'`;
  const all = possible.length === names.size;
  return {
    ...{ platform: 'select', ...head(given, 'select'), command_template: command({ [id]: value }) },
    ...{ options, ...shown(given, all || !given.field ? undefined : ofField(given.field.id, isPossible)) },
  };
}

function numberOf(given: Given, argument: ArgumentSpec): Component | undefined {
  const { id } = argument;
  const [min, max] = [
    Math.max(argument.min, -Number.MAX_SAFE_INTEGER),
    Math.min(argument.max, Number.MAX_SAFE_INTEGER),
  ];
  if (min >= max) return undefined;
  const { unit, deviceClass } = meaningOf(argument);
  return {
    ...{ platform: 'number', ...head(given, 'number'), command_template: command({ [id]: '{{ value }}' }) },
    ...{ min, max, step: Math.max(LEAST_STEP, stepOf(argument) ?? LEAST_STEP) },
    ...defined({ unit_of_measurement: unit, device_class: deviceClass }),
    ...(given.field === undefined ? {} : shown(given, withinLimits(given.field, min, max))),
  };
}

/** What lies beyond them would be an error in Home Assistant's log with every reading. */
function withinLimits(field: FieldSpec, min: number, max: number): string | undefined {
  const isWithin = (field.min ?? -Infinity) >= min && (field.max ?? Infinity) <= max;
  return isWithin ? undefined : ofField(field.id, `v if ${String(min)} <= v <= ${String(max)} else 'None'`);
}
