// Which message lies on which topic of shared/topic-table.ts.
import type { MessageName } from './named.js';

/** A bare value is no JSON document of ours: a number, true or false, or a text as it is. */
export const BARE_VALUE = 'bare value';

/** By the topic below `<base>/<gateway>/`. Where several may be, the first is what the gateway says itself. */
export const MESSAGES_BY_TOPIC: Readonly<Record<string, readonly (MessageName | typeof BARE_VALUE)[]>> = {
  status: ['Status'],
  info: ['Info'],
  health: ['Health'],
  'bus/<b>/health': ['BusHealth'],
  event: ['Event'],
  'log/<level>': ['LogLine'],
  'device/<d>/meta': ['DeviceMeta'],
  'device/<d>/availability': ['DeviceAvailability'],
  'device/<d>/health': ['DeviceHealth'],
  'device/<d>/state': ['DeviceState'],
  'device/<d>/telemetry': ['Sample', 'SentSample'],
  'device/<d>/value/<field>': [BARE_VALUE],
  'device/<d>/alarm/<id>': ['Alarm'],
  'device/<d>/command/<name>': ['Command'],
  'device/<d>/reply/<name>': ['Reply'],
  'request/<op>': ['Request'],
  'response/<op>': ['Response'],
};
