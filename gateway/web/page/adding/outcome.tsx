// What the gateway says of a device that is to be added: what it has read, and what would change in the file.
import type { JSX } from 'preact';
import type { DeviceAddition } from '../../../edit/add-device.js';
import type { Tried } from '../../../edit/try-device.js';
import { useSpeech } from '../pieces/session.js';
import { numberText } from '../words/numbers.js';

const SIGNS = { same: ' ', added: '+', removed: '−', gap: '…' } as const;

export function TriedOnce({ tried }: { readonly tried: Tried }): JSX.Element {
  const { texts, locale } = useSpeech();
  const { adding } = texts;
  const { identified, values, units, errors, error } = tried;
  const text = (value: unknown): string =>
    typeof value === 'number' ? numberText(value, locale) : String(value);
  return (
    <>
      {error === undefined && <p>{identified ? adding.identified : adding.notIdentified}</p>}
      {error !== undefined && <p class="fault">{adding.failed(error.message)}</p>}
      <dl class="tried">
        {Object.entries(values).map(([field, value]) => (
          <div key={field}>
            <dt>{field}</dt>
            <dd>
              {errors[field] === undefined ? (
                <strong>{`${text(value)} ${units[field] ?? ''}`.trim()}</strong>
              ) : (
                <span class="fault">{errors[field]}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

interface ChangeProps {
  readonly answer: DeviceAddition;
  readonly isAsking: boolean;
  readonly onSave: () => void;
}

export function Change({ answer, isAsking, onSave }: ChangeProps): JSX.Element {
  const { adding } = useSpeech().texts;
  const { file, difference, entries, saved } = answer;
  if (saved?.ok === false)
    return (
      <div>
        <p class="fault" role="alert">
          {saved.why}
        </p>
        <p>{adding.byHand}</p>
        <pre class="change">{entries.join('\n')}</pre>
      </div>
    );
  return (
    <section aria-label={adding.change(file)}>
      <h3>{adding.change(file)}</h3>
      <pre class="change" tabIndex={0}>
        {difference.map(({ kind, text, line }) => (
          <span key={`${kind} ${String(line)}`} class={kind}>
            {`${SIGNS[kind]} ${text}\n`}
          </span>
        ))}
      </pre>
      <button type="button" class="primary" aria-disabled={isAsking} onClick={onSave}>
        {adding.save}
      </button>
    </section>
  );
}
