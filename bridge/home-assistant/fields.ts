// A field of a device → the entity that shows it: a sensor, or a binary sensor where it is true or false.
import { defined } from '../../shared/config/defined.js';
import { valueTypeOf } from '../../shared/codec/fields.js';
import { isNumberType, WIRE_TYPES } from '../../shared/codec/wire-types.js';
import type { FieldSpec, SampleSpec } from '../../shared/device-type.js';
import { isBinaryClass, stateClassOf } from '../../shared/home-assistant/classes.js';
import { meaningOf } from '../../shared/home-assistant/units.js';
import { identityOf, keyOf, type Named, type Owner } from './names.js';
import type { Component, SensorComponent } from './payload.js';
import { fieldValue } from './templates.js';

/** So many readings may be missed before what was read last is not shown any more. */
const MISSED_READINGS = 3;
/** A look for a lost device, a bus that is opened anew: nothing that should make an entity flicker. */
const LEAST_EXPIRY_S = 60;
/** More digits than that no sensor has, and a scale that has them is a conversion. */
const MOST_DIGITS = 4;

export interface FieldPlace {
  readonly owner: Owner;
  readonly stateTopic: string;
}

export function fieldComponent(
  field: FieldSpec,
  { everyMs }: Pick<SampleSpec, 'everyMs'>,
  { owner, stateTopic }: FieldPlace,
): readonly [string, Component] {
  const kind = valueTypeOf(field);
  const platform = kind === 'boolean' ? 'binary_sensor' : 'sensor';
  const named: Named = { platform, origin: 'field', ...field };
  const common = {
    ...identityOf(owner, named),
    state_topic: stateTopic,
    value_template: fieldValue(field.id),
    // The state is said with every reading, be it news or not.
    expire_after: Math.max(LEAST_EXPIRY_S, Math.ceil((MISSED_READINGS * everyMs) / 1000)),
  };
  if (kind === 'boolean') return [keyOf(named), { platform: 'binary_sensor', ...common, ...truth(field) }];
  const more = kind === 'number' ? numberOf(field) : wordOf(field);
  return [keyOf(named), { platform: 'sensor', ...common, ...more }];
}

function truth({ deviceClass }: FieldSpec): Pick<
  Component & { platform: 'binary_sensor' },
  'device_class'
> & {
  readonly payload_on: string;
  readonly payload_off: string;
} {
  // As Python writes them: null is `None`, which Home Assistant knows as unknown.
  const payloads = { payload_on: 'True', payload_off: 'False' };
  return deviceClass !== undefined && isBinaryClass(deviceClass)
    ? { ...payloads, device_class: deviceClass }
    : payloads;
}

function numberOf(field: FieldSpec): Partial<SensorComponent> {
  const { unit, deviceClass } = meaningOf(field);
  return defined({
    unit_of_measurement: unit,
    device_class: deviceClass,
    state_class: stateClassOf(deviceClass),
    suggested_display_precision: digitsOf(field),
  });
}

/** Digits behind the point, where they are known. */
export function digitsOf({ type, scale, offset, round, calibration }: FieldSpec): number | undefined {
  if (round !== undefined) return round;
  if (!isNumberType(type) || !WIRE_TYPES[type].integer) return undefined;
  if (calibration !== undefined) return undefined;
  const digits = Math.max(...[scale ?? 1, offset ?? 0].map(decimals));
  return digits > MOST_DIGITS ? undefined : digits;
}

function decimals(number: number): number {
  const [mantissa = '', exponent = '0'] = String(number).split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent));
}

function wordOf({ names }: FieldSpec): Partial<SensorComponent> {
  const options = names === undefined ? [] : optionsOf(names.values());
  return options.length === 0 ? {} : { device_class: 'enum', options };
}

/** As Home Assistant will read them: it takes off the blanks around what a template gives. */
export function optionsOf(names: Iterable<string>): string[] {
  return [...new Set([...names].map((name) => name.trim()))].filter((name) => name !== '');
}
