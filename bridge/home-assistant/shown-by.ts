// Which field shows what a command has set.
import { valueTypeOf } from '../../shared/codec/fields.js';
import type { ArgumentSpec, CommandSpec, DeviceType, FieldSpec } from '../../shared/device-type.js';
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
  if (valueTypeOf(field) === 'string' && (field.names === undefined || as === 'light')) return false;
  const units = [field.unit, argument.unit].map(unitOf);
  return units.includes(undefined) || units[0] === units[1];
}
