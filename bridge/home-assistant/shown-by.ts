// Which field shows what a command has set.
import { valueTypeOf } from '../../shared/codec/fields.js';
import { argumentKind } from '../../shared/codec/write/argument.js';
import type { ArgumentSpec } from '../../shared/codec/write/spec.js';
import type { CommandSpec, DeviceType, FieldSpec } from '../../shared/device-type.js';
import { unitOf } from '../../shared/home-assistant/units.js';

/** Of a command with one argument: what the description says, else the field of the command's name, else of its argument's. */
export function shownBy(
  { id, args, as, field: said }: CommandSpec,
  { samples }: Pick<DeviceType, 'samples'>,
): FieldSpec | undefined {
  const [argument, ...others] = args;
  if (argument === undefined || others.length > 0 || said === false) return undefined;
  const fields = samples.flatMap((sample) => sample.fields);
  if (said !== undefined) return fields.find((field) => field.id === said);
  return [id, argument.id]
    .map((name) => fields.find((field) => field.id === name))
    .find((field) => field !== undefined && isOfOneKind(field, argument, as));
}

function isOfOneKind(field: FieldSpec, argument: ArgumentSpec, as: CommandSpec['as']): boolean {
  if ((valueTypeOf(field) === 'boolean') !== (argument.type === 'bool')) return false;
  if (argumentKind(argument) === 'string') return isOfOneText(field, argument);
  if (valueTypeOf(field) === 'string' && (field.names === undefined || as === 'light')) return false;
  const units = [field.unit, argument.unit].map(unitOf);
  return units.includes(undefined) || units[0] === units[1];
}

/** Each of its names is one that the field can have; or both are any text. */
function isOfOneText(field: FieldSpec, { names }: ArgumentSpec): boolean {
  if (names === undefined) return valueTypeOf(field) === 'string' && field.names === undefined;
  const shown = [...(field.names?.values() ?? [])];
  return [...names.values()].every((name) => shown.includes(name));
}
