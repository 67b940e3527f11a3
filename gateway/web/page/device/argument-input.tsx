// The input of one argument of a command, with what is so now and what is allowed.
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Value } from '../../../../shared/sample.js';
import type { ShownArgument } from '../live/model.js';
import { useSpeech } from '../pieces/session.js';
import { numberText, valueText } from '../words/numbers.js';

interface ArgumentInputProps {
  readonly argument: ShownArgument;
  readonly value: string | boolean;
  /** Of the field that shows what it sets. */
  readonly now: Value | undefined;
  readonly fault: string | undefined;
  readonly onType: (value: string | boolean) => void;
}

export function ArgumentInput({ argument, value, now, fault, onType }: ArgumentInputProps): JSX.Element {
  const speech = useSpeech();
  const id = useId();
  const { texts, locale } = speech;
  const { min, max, unit } = argument;
  const hints = [
    ...(now === undefined || now === null ? [] : [texts.command.now(valueText(now, unit, speech))]),
    ...(min === undefined || max === undefined
      ? []
      : [texts.command.limits(numberText(min, locale), numberText(max, locale))]),
  ];
  return (
    <div class="argument">
      <label for={id}>{argument.label}</label>
      <div class="typed">
        <Typed {...{ id, argument, value, fault, onType }} />
        {unit !== undefined && <span>{unit}</span>}
      </div>
      <p id={`${id}-hint`} class="hint">
        {hints.join(', ')} {fault !== undefined && <strong class="fault">{fault}</strong>}
      </p>
    </div>
  );
}

type TypedProps = Omit<ArgumentInputProps, 'now'> & { readonly id: string };

function Typed({ id, argument, value, fault, onType }: TypedProps): JSX.Element {
  const common = { id, name: argument.id, 'aria-describedby': `${id}-hint` };
  if (typeof value === 'boolean')
    return (
      <input
        {...common}
        type="checkbox"
        checked={value}
        onChange={(event) => onType(event.currentTarget.checked)}
      />
    );
  if (argument.names !== undefined)
    return (
      <select {...common} value={value} onChange={(event) => onType(event.currentTarget.value)}>
        {argument.names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    );
  return (
    <input
      {...common}
      type="text"
      inputMode={argument.type === 'number' ? 'decimal' : 'text'}
      autocomplete="off"
      value={value}
      aria-invalid={fault !== undefined}
      onInput={(event) => onType(event.currentTarget.value)}
    />
  );
}
