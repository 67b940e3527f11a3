// The value of one field, or the name of the error in its place.
import type { JSX } from 'preact';
import type { Device, ShownField } from '../live/model.js';
import { valueText } from '../words/numbers.js';
import { useSpeech } from './session.js';

export function FieldValue({
  device,
  field,
}: {
  readonly device: Device;
  readonly field: ShownField;
}): JSX.Element {
  const speech = useSpeech();
  const value = device.state.values.get(field.id);
  if (value !== undefined && value !== null)
    return (
      <span class={typeof value === 'string' ? 'value' : 'value figure'}>
        {valueText(value, field.unit, speech)}
      </span>
    );
  const code = device.state.errors.get(field.id);
  return (
    <span class="value missing" title={code === undefined ? undefined : speech.reason(code)}>
      {code ?? '–'}
    </span>
  );
}

/** Those of its description, and those that it has said without one. */
export function fieldsOf(device: Device): readonly ShownField[] {
  const { fields } = device.meta;
  const others = [...device.state.values.keys()].filter((id) => !fields.has(id));
  return [...fields.values(), ...others.map((id) => ({ id, label: id }))];
}
