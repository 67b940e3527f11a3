// Which alarms are raised, the worst first, and of those what nobody has acknowledged.
import { SEVERITIES } from '../../../../shared/alarms/spec.js';
import type { Device, ShownAlarm } from '../live/model.js';

export interface RaisedAlarm {
  readonly device: Device;
  readonly alarm: ShownAlarm;
}

export function raisedOf(devices: Iterable<Device>): readonly RaisedAlarm[] {
  return [...devices]
    .flatMap((device) =>
      [...device.alarms.values()].filter(({ isRaised }) => isRaised).map((alarm) => ({ device, alarm })),
    )
    .sort((a, b) => rankOf(b.alarm) - rankOf(a.alarm) || (b.alarm.since ?? 0) - (a.alarm.since ?? 0));
}

function rankOf({ severity, acknowledged }: ShownAlarm): number {
  return (acknowledged === undefined ? SEVERITIES.length : 0) + SEVERITIES.indexOf(severity);
}
