// The message of one alarm, as the page shows it.
import { SEVERITIES } from '../../../../shared/alarms/spec.js';
import type { AlarmMessage } from '../../../../shared/messages.js';
import type { ShownAlarm } from './model.js';
import { numberOf, objectIn, objectOf, present, textOf, type Unsure } from './unsure.js';

type Acknowledged = NonNullable<AlarmMessage['acknowledged']>;

export function readAlarm(id: string, payload: Uint8Array): ShownAlarm {
  const said: Unsure<AlarmMessage> = objectIn<AlarmMessage>(payload) ?? {};
  const known = objectOf<Acknowledged>(said.acknowledged);
  const by = textOf(known?.by);
  return {
    ...{ id, label: textOf(said.label) ?? id, isRaised: said.state === 'raised' },
    severity: SEVERITIES.find((severity) => severity === said.severity) ?? 'warning',
    ...present({ since: numberOf(said.since), message: textOf(said.message), limit: textOf(said.limit) }),
    ...(by === undefined
      ? {}
      : { acknowledged: { by, ...present({ ts: numberOf(known?.ts), note: textOf(known?.note) }) } }),
  };
}
