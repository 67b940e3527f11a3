// What a device may be, to be chosen from: what can be at its address stands first.
import type { JSX } from 'preact';
import type { Kinds } from '../../../edit/kinds.js';
import { useSpeech } from '../pieces/session.js';

interface KindChoiceProps {
  /** Undefined until the gateway has told them. */
  readonly kinds: Kinds | undefined;
  readonly kind: string;
  readonly onChoose: (kind: string) => void;
}

export function KindChoice({ kinds, kind, onChoose }: KindChoiceProps): JSX.Element {
  const { adding } = useSpeech().texts;
  const chips = kinds?.chips ?? [];
  return (
    <label>
      <span>{adding.kind}</span>
      <select
        value={kind}
        onChange={(event) => {
          onChoose(event.currentTarget.value);
        }}
      >
        <option value="">{adding.choose}</option>
        <Chips name={adding.fitting} chips={chips.filter(({ fits }) => fits)} />
        {(kinds?.types.length ?? 0) > 0 && (
          <optgroup label={adding.types}>
            {kinds?.types.map((type) => (
              <option key={type} value={`type ${type}`}>
                {type}
              </option>
            ))}
          </optgroup>
        )}
        <Chips name={adding.others} chips={chips.filter(({ fits }) => !fits)} />
      </select>
    </label>
  );
}

function Chips({
  name,
  chips,
}: {
  readonly name: string;
  readonly chips: Kinds['chips'];
}): JSX.Element | null {
  if (chips.length === 0) return null;
  return (
    <optgroup label={name}>
      {chips.map(({ chip, label }) => (
        <option key={chip} value={`chip ${chip}`}>
          {label === undefined ? chip : `${chip}: ${label}`}
        </option>
      ))}
    </optgroup>
  );
}
