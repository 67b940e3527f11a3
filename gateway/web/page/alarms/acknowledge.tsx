// Says that one knows of an alarm: by name, which is that of the login where there is one.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { mayRequest, useSession, useSpeech } from '../pieces/session.js';
import type { RaisedAlarm } from './raised.js';

const MOST_CHARACTERS = 64;

export function Acknowledge({ device, alarm }: RaisedAlarm): JSX.Element | null {
  const session = useSession();
  const { api, facts, preferences, user } = session;
  const { alarms: texts } = useSpeech().texts;
  const [name, setName] = useState(preferences.choices.name);
  const [isAsking, setIsAsking] = useState(false);
  const [fault, setFault] = useState<string>();
  // Of another gateway at this broker only that one takes it.
  if (device.gateway !== facts.gateway || !mayRequest(session, 'acknowledge')) return null;
  const send = (): void => {
    if (isAsking) return;
    setIsAsking(true);
    preferences.choose({ name });
    const by = user === undefined ? { by: name } : {};
    api.acknowledge({ device: device.id, alarm: alarm.id, ...by }).then(
      () => {
        setIsAsking(false);
        setFault(undefined);
      },
      (error: unknown) => {
        setIsAsking(false);
        setFault(error instanceof Error ? error.message : String(error));
      },
    );
  };
  return (
    <form
      class="acknowledge"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {user === undefined && (
        <label>
          <span class="visually-hidden">{texts.name}</span>
          <input
            type="text"
            required
            maxLength={MOST_CHARACTERS}
            autocomplete="name"
            placeholder={texts.name}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
      )}
      <button
        type="submit"
        disabled={isAsking}
        aria-label={`${texts.acknowledge}: ${device.meta.label}, ${alarm.label}`}
      >
        {texts.acknowledge}
      </button>
      {fault !== undefined && (
        <p class="fault" role="alert">
          {texts.failed(fault)}
        </p>
      )}
    </form>
  );
}
