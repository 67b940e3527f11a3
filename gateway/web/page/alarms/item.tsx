// One alarm in words: how bad it is, its sentence, since when, and who knows of it.
import type { JSX } from 'preact';
import type { Severity } from '../../../../shared/alarms/spec.js';
import { wallNow } from '../live/ticks.js';
import { deviceHref } from '../pieces/address.js';
import { useSession, useSpeech } from '../pieces/session.js';
import { momentText, shortMomentText } from '../words/times.js';
import { Acknowledge } from './acknowledge.js';
import type { RaisedAlarm } from './raised.js';

const LOOKS: Readonly<Record<Severity, readonly [className: string, mark: string]>> = {
  critical: ['offline', '■'],
  warning: ['degraded', '▲'],
  info: ['unknown', '●'],
};

export function AlarmItem({
  device,
  alarm,
  withDevice,
}: RaisedAlarm & { readonly withDevice: boolean }): JSX.Element {
  const { facts } = useSession();
  const { texts, locale } = useSpeech();
  const { since, message, acknowledged, severity } = alarm;
  const [className, mark] = LOOKS[severity];
  const short = (ts: number): string => shortMomentText(ts, locale, wallNow());
  return (
    <div class="alarm" data-alarm={alarm.id}>
      <header>
        {withDevice && <a href={deviceHref(device, facts.gateway)}>{device.meta.label}</a>}
        <span class="alarm-name">{alarm.label}</span>
        <span class={`badge ${alarm.isRaised ? className : 'online'}`}>
          <span aria-hidden="true">{alarm.isRaised ? mark : '●'}</span>
          <span class="badge-word">
            {alarm.isRaised ? texts.alarms.severities[severity] : texts.alarms.clear}
          </span>
        </span>
      </header>
      {alarm.isRaised && (
        <p class="reason">
          <strong>{message}</strong>{' '}
          {since !== undefined && (
            <time title={momentText(since, locale)}>{texts.device.since(short(since))}</time>
          )}
        </p>
      )}
      {acknowledged !== undefined && (
        <p class="quiet">
          {texts.alarms.by(acknowledged.by, acknowledged.ts === undefined ? '' : short(acknowledged.ts))}
          {acknowledged.note === undefined ? '' : ` ${acknowledged.note}`}
        </p>
      )}
      {alarm.isRaised && acknowledged === undefined && <Acknowledge device={device} alarm={alarm} />}
    </div>
  );
}
