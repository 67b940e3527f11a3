// A command that its description calls a light: on and off, or with a brightness that Home Assistant counts from 1 to 255.
import { stepOf } from '../../shared/codec/write/argument.js';
import type { ArgumentSpec } from '../../shared/codec/write/spec.js';
import type { FieldSpec } from '../../shared/device-type.js';
import type { LightComponent } from './payload.js';
import { command, ofField } from './templates.js';

type Light = Pick<
  LightComponent,
  | 'platform'
  | 'schema'
  | 'command_on_template'
  | 'command_off_template'
  | 'state_template'
  | 'brightness_template'
>;

const BRIGHTEST = 255;
/** Of a light whose value is a fraction. */
const DIGITS = 3;

export function lightOf(argument: ArgumentSpec, field: FieldSpec | undefined): Light {
  const kind = { platform: 'light', schema: 'template' } as const;
  const { id, type } = argument;
  if (type === 'bool')
    return {
      ...{ ...kind, command_on_template: command({ [id]: 'true' }) },
      command_off_template: command({ [id]: 'false' }),
      ...(field === undefined ? {} : { state_template: ofField(field.id, "'on' if v else 'off'") }),
    };
  // Off is 0, where it can be.
  const off = Math.max(argument.min, Math.min(0, argument.max));
  const span = argument.max - off;
  const isWhole = stepOf(argument) === 1;
  const wanted = `brightness | default(${String(BRIGHTEST)})`;
  return {
    ...{ ...kind, command_on_template: command({ [id]: `{{ ${scaled(wanted, span, off, isWhole)} }}` }) },
    command_off_template: command({ [id]: String(off) }),
    ...(field === undefined ? { brightness_template: "{{ '' }}" } : shown(field.id, span, off)),
  };
}

/** The least brightness is not off. */
function scaled(brightness: string, span: number, off: number, isWhole: boolean): string {
  const share = `(${brightness}) / ${String(BRIGHTEST)} * ${String(span)}`;
  return isWhole
    ? `[1, (${share}) | round | int] | max + ${String(off)}`
    : `(${share} + ${String(off)}) | round(${String(DIGITS)})`;
}

function shown(
  field: string,
  span: number,
  off: number,
): Pick<Light, 'state_template' | 'brightness_template'> {
  const share = `[1, ((v - ${String(off)}) / ${String(span)} * ${String(BRIGHTEST)}) | round | int] | max`;
  return {
    state_template: ofField(field, `'on' if v > ${String(off)} else 'off'`),
    // One that is unknown would be a warning; nothing is passed over.
    brightness_template: ofField(field, `[${share}, ${String(BRIGHTEST)}] | min`, ''),
  };
}
