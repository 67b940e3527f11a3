// What a description says for those who show it: the device class of a field, the kind of a command, the field that shows it.
import { valueTypeOf } from '../../../codec/fields.js';
import { argumentKind } from '../../../codec/write/argument.js';
import type { ArgumentSpec } from '../../../codec/write/spec.js';
import type { CommandSpec, FieldSpec, SampleSpec } from '../../../device-type.js';
import { isBinaryClass, isSensorClass, SENSOR_CLASSES, takesUnit } from '../../../home-assistant/classes.js';
import { unitOf } from '../../../home-assistant/units.js';
import { defined } from '../../defined.js';
import type { TypeInput } from '../../schema/type.js';
import { below, type Report } from '../../report.js';
import type { TypedField } from './raw-number.js';

/** Home Assistant makes no entity of one whose class does not fit. */
export function reportClass(
  { class: of, type, unit, mask, format }: TypedField,
  { names, compute }: { names: FieldSpec['names']; compute: FieldSpec['compute'] },
  report: Report,
): void {
  if (of === undefined) return;
  const kind = valueTypeOf({ type, ...defined({ names, compute, mask, format }) });
  if (kind === 'string') report(['class'], 'has no meaning for a text; remove it');
  if (kind === 'boolean' && !isBinaryClass(of))
    report(['class'], 'is the class of a number, and this is true or false');
  if (kind !== 'number') return;
  if (!isSensorClass(of)) report(['class'], 'is the class of what is true or false, and this is a number');
  else if (!takesUnit(of, unitOf(unit))) report(['class'], `needs another unit: ${unitsOf(of)}`);
}

function unitsOf(of: keyof typeof SENSOR_CLASSES): string {
  return SENSOR_CLASSES[of].map((unit) => (unit === '' ? 'none' : unit)).join(', ');
}

export function reportAs(
  { as, field }: TypeInput['commands'][string],
  [argument, ...others]: readonly ArgumentSpec[],
  report: Report,
): void {
  const isOne = argument !== undefined && others.length === 0;
  for (const [key, said] of Object.entries({ as, field }))
    if (said !== undefined && !isOne) report([key], 'needs a command with one argument; remove it');
  if (as === 'light' && argument !== undefined && argumentKind(argument) === 'string')
    report(['as'], 'needs a number, or true and false');
  else if (as === 'light' && argument !== undefined && argument.min >= argument.max)
    report(['as'], 'needs an argument that can be more than one value');
}

/** The fields that commands name: they are there, and can show what the argument is. */
export function reportShown(
  commands: ReadonlyMap<string, CommandSpec>,
  samples: readonly SampleSpec[],
  report: Report,
): void {
  const fields = new Map(samples.flatMap((sample) => sample.fields.map((field) => [field.id, field])));
  for (const { id, field: name, args, as } of commands.values()) {
    const [argument] = args;
    if (name === undefined || name === false || argument === undefined) continue;
    const field = fields.get(name);
    const problem = field === undefined ? 'is no field of this type' : unlike(field, argument, as);
    if (problem !== undefined) below(report, id)(['field'], problem);
  }
}

function unlike(field: FieldSpec, argument: ArgumentSpec, as: CommandSpec['as']): string | undefined {
  const kind = valueTypeOf(field);
  if (argumentKind(argument) === 'string')
    return kind === 'string' ? undefined : 'is a text on one side, and none on the other';
  const isTruth = kind === 'boolean';
  if (isTruth !== (argument.type === 'bool'))
    return 'is true or false on one side, and a number on the other';
  if (kind === 'string' && (field.names === undefined || as === 'light')) return 'is a text; name a number';
  return undefined;
}
