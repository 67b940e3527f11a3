// A labelled choice of a few, and a labelled search.
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onChoose: (value: T) => void;
}

export function Choice<T extends string>({ label, value, options, onChoose }: ChoiceProps<T>): JSX.Element {
  // Not around the choice: its name would be of all that it offers.
  const id = useId();
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const chosen = options.find(([one]) => one === event.currentTarget.value);
          if (chosen !== undefined) onChoose(chosen[0]);
        }}
      >
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

interface SearchProps {
  readonly label: string;
  readonly text: string;
  readonly onType: (text: string) => void;
}

export function Search({ label, text, onType }: SearchProps): JSX.Element {
  const id = useId();
  return (
    <div class="choice grow">
      <label for={id}>{label}</label>
      <input id={id} type="search" value={text} onInput={(event) => onType(event.currentTarget.value)} />
    </div>
  );
}
