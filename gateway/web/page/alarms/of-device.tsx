// All alarms of one device: those that are raised first.
import type { JSX } from 'preact';
import type { Device } from '../live/model.js';
import { useSpeech } from '../pieces/session.js';
import { AlarmItem } from './item.js';
import { raisedOf } from './raised.js';

export function DeviceAlarms({ device }: { readonly device: Device }): JSX.Element | null {
  const { texts } = useSpeech();
  const raised = raisedOf([device]).map(({ alarm }) => alarm);
  const clear = [...device.alarms.values()].filter(({ isRaised }) => !isRaised);
  if (raised.length + clear.length === 0) return null;
  return (
    <section aria-labelledby="alarms">
      <h2 id="alarms">{texts.alarms.title}</h2>
      <ul class="alarms">
        {[...raised, ...clear].map((alarm) => (
          <li key={alarm.id}>
            <AlarmItem device={device} alarm={alarm} withDevice={false} />
          </li>
        ))}
      </ul>
    </section>
  );
}
