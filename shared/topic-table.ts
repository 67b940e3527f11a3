// Every topic in words: what the table of docs/topics.md is made from. That none is missing is held by a test.

export interface TopicInWords {
  /** Below `<base>/<gateway>/`, with `<d>` for a device, `<b>` for a bus. */
  readonly topic: string;
  readonly retained: boolean;
  /** Who publishes there. */
  readonly by: 'gateway' | 'you' | 'both';
  readonly what: string;
}

export const TOPIC_TABLE: readonly TopicInWords[] = [
  {
    topic: 'status',
    retained: true,
    by: 'gateway',
    what: 'whether the gateway is there: `online` or `offline`, its `boot`, and `host` and `address` of the machine. Its will says `offline`',
  },
  {
    topic: 'info',
    retained: true,
    by: 'gateway',
    what: 'what it is: version, gateway, broker, versions of MQTT, buses, the list of devices, recorder, where the schema is',
  },
  {
    topic: 'health',
    retained: true,
    by: 'gateway',
    what: 'how everything does, every 10 s, below 8 KB with any number of devices',
  },
  {
    topic: 'bus/<b>/health',
    retained: true,
    by: 'gateway',
    what: 'the same of one bus, every 10 s',
  },
  { topic: 'event', retained: false, by: 'gateway', what: 'what happened, once' },
  {
    topic: 'log/<level>',
    retained: false,
    by: 'gateway',
    what: 'the lines of the log from the level `log.mqtt` on',
  },
  {
    topic: 'device/<d>/meta',
    retained: true,
    by: 'gateway',
    what: 'what a front end needs to draw the device: label, fields with their units and limits, commands with their arguments, intervals',
  },
  {
    topic: 'device/<d>/availability',
    retained: true,
    by: 'gateway',
    what: 'whether it is there: `online`, `degraded` (a reply was lost, or the last one of a sample is not believed) or `offline`, since when and why',
  },
  {
    topic: 'device/<d>/health',
    retained: true,
    by: 'gateway',
    what: 'what is counted of the device, when something is new of it, else every five minutes',
  },
  {
    topic: 'device/<d>/state',
    retained: true,
    by: 'gateway',
    what: 'the newest of every field, for screens',
  },
  {
    topic: 'device/<d>/telemetry',
    retained: false,
    by: 'both',
    what: 'every sample, for stores; clients may publish samples of their own',
  },
  {
    topic: 'device/<d>/value/<field>',
    retained: true,
    by: 'gateway',
    what: 'the bare value, for gauges and shells; not with `mqtt.values: false`',
  },
  {
    topic: 'device/<d>/alarm/<id>',
    retained: true,
    by: 'gateway',
    what: 'an alarm of the device: `raised` or `clear`, since when, how bad, in a sentence, and who has acknowledged it',
  },
  {
    topic: 'device/<d>/command/<name>',
    retained: false,
    by: 'you',
    what: 'a command, with `id`, `args`, `for` and `expires`, or a bare value for the only argument, or nothing where there is none',
  },
  {
    topic: 'device/<d>/reply/<name>',
    retained: false,
    by: 'gateway',
    what: 'its one answer: `status`, `data` or `error`',
  },
  {
    topic: 'request/<op>',
    retained: false,
    by: 'you',
    what: 'a question to the gateway: history, logbook, scan and others',
  },
  { topic: 'response/<op>', retained: false, by: 'gateway', what: 'its answer' },
];
