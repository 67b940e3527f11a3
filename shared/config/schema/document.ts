// The whole configuration file as one strict schema. Durations and sizes stay text here; resolve/ gives them units.
import { z } from 'zod';
import { FIRST_ADDRESS, LAST_ADDRESS } from '../../addresses.js';
import { AFTER_RESTART, WHEN_FULL } from '../config.js';
import { LOG_LEVELS } from '../../topics.js';
import { alarms, ownAlarms } from './alarm.js';
import { calibrate } from './field.js';
import { MUX_CHIPS } from './mux-chips.js';
import { host, limits, tls, users } from './network.js';
import {
  duration,
  durationFrom,
  durationUpTo,
  id,
  label,
  port,
  size,
  sizeFrom,
  sizeOrNone,
} from './scalars.js';
import { typeSchema } from './type.js';

const recovery = z.strictObject({
  run: z
    .array(z.string().min(1).max(1000))
    .min(1)
    .max(32)
    .meta({ description: 'a program that resets the bus, and its arguments; run without a shell' }),
  within: duration.default('10s').meta({ description: 'it is killed when it takes longer' }),
});

const bus = z.strictObject({
  path: z.string().min(1).meta({ description: 'for example `/dev/i2c-1`; may be a link' }),
  speed: z
    .int()
    .min(1000)
    .max(5_000_000)
    .default(100_000)
    .meta({ description: 'bits a second; used to tell whether the intervals fit on the bus' }),
  recovery: recovery
    .optional()
    .meta({ description: 'how the bus is reset where opening it anew does not help' }),
});

/** An address of 8 bits has the one for read and write below it. */
function tooHigh(input: unknown): string {
  const reserved = '0x78 to 0x7F are reserved by the I²C specification';
  if (typeof input !== 'number' || input < 0x80 || input > 0xff) return reserved;
  const [eight, seven] = [input, input >> 1].map((one) => `0x${one.toString(16).toUpperCase()}`);
  return `${eight ?? ''} looks like an address of 8 bits; without the one for read and write it is ${seven ?? ''}`;
}

const device = z.strictObject({
  type: id.meta({ description: 'one of types' }),
  bus: id.meta({ description: 'one of buses' }),
  address: z
    .int()
    .min(
      FIRST_ADDRESS,
      '0x00 to 0x03 are reserved by the I²C specification; to 0x00, the general call, a step of a command writes with general_call: true',
    )
    .max(LAST_ADDRESS, { error: ({ input }) => tooHigh(input) })
    .meta({ description: 'of 7 bits, without the bit for read and write' }),
  behind: z
    .strictObject({
      mux: z
        .int()
        .min(0x70, 'a multiplexer is at 0x70 to 0x77')
        .max(0x77, 'a multiplexer is at 0x70 to 0x77')
        .meta({ description: 'its address' }),
      channel: z.int().min(0).max(7).meta({ description: '0 to 7' }),
      chip: z.enum(MUX_CHIPS).default('tca9548a').meta({
        description:
          'which multiplexer it is: they are told their channel in two ways; PCA9545, 9546 and 9548 are as the TCA9548A',
      }),
    })
    .optional()
    .meta({ description: 'the channel of a multiplexer that it is wired to' }),
  label: label.optional().meta({ description: 'what people call it' }),
  area: label.optional().meta({ description: 'where it is, for Home Assistant' }),
  was: id.optional().meta({
    description: 'its first id, where it was renamed: Home Assistant and the history go on with it',
  }),
  every: duration
    .optional()
    .meta({ description: 'how often its samples are read, in place of what its type says' }),
  calibrate: z
    .record(id, calibrate)
    .optional()
    .meta({ description: 'by field: points or a polynomial of this device alone' }),
  parameters: z
    .record(id, z.number())
    .optional()
    .meta({ description: 'values of this device for the parameters of its type' }),
  alarms: ownAlarms.default({}).meta({
    description:
      'alarms of this device, by id; keys given here go before those of its type, `false` takes one away',
  }),
});

export const homeAssistant = z.strictObject({
  discovery_prefix: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, 'levels of a topic, without a wildcard: homeassistant')
    .default('homeassistant')
    .meta({ description: 'the first levels of its discovery topics, as set in its MQTT integration' }),
});

const mqtt = z.strictObject({
  base: id.default('iot').meta({ description: 'first level of every topic' }),
  host: host.meta({
    description: 'where the embedded broker listens; beyond this machine (`0.0.0.0`) only with users',
  }),
  port: port.default(1883).meta({ description: 'of the embedded broker' }),
  values: z.boolean().default(true).meta({ description: 'publish `device/<d>/value/<field>`: bare scalars' }),
  sys_interval: z
    .union([duration, z.literal(0)])
    .default('10s')
    .meta({ description: 'how often the embedded broker tells its numbers on `$SYS/broker`; `0`: never' }),
  raw_writes: z.boolean().default(false).meta({
    description:
      'requests over MQTT and HTTP may write bytes of their choice, past the limits and checks of the types',
  }),
});

const ORIGIN = /^[^/]+\/\/[^/?#@]+\/?$/;

const http = z.strictObject({
  host: host.meta({
    description: 'where page, API, health and MQTT over WebSocket are; beyond this machine only with users',
  }),
  port: port.default(8080).meta({ description: 'of the page, the API, health and MQTT over WebSocket' }),
  origins: z
    .array(
      z
        .url({ protocol: /^https?$/ })
        .regex(ORIGIN, 'an origin is scheme, name and port alone: https://panel.example'),
    )
    .default([])
    .meta({
      description:
        'origins of other pages that may use the API (CORS, with credentials) and MQTT over WebSocket: `[https://panel.example]`; pages of this machine may anyway',
    }),
});

const recorder = z.strictObject({
  name: id.optional().meta({
    description:
      'of a recorder alone (`--only recorder`): its own level in its topics; without it `recorder-` and the text of `recorder-id` in its data folder',
  }),
  gateways: z.array(id).min(1).max(500).optional().meta({
    description:
      "whose telemetry a recorder alone (`--only recorder`) keeps: `[greenhouse, barn]`; without it every gateway's below `mqtt.base`",
  }),
  keep: durationFrom('1m').default('30d').meta({
    description:
      'how long samples are kept, locally or in MongoDB. One goes when it is older than that on the wall clock and by the time the gateway has run, so a clock that is set wrong deletes nothing that is young',
  }),
  outbox: z
    .int()
    .min(1000)
    .default(1_000_000)
    .meta({ description: 'samples that may wait for the store; beyond it `when_full` decides' }),
  when_full: z.enum(WHEN_FULL).default('refuse').meta({
    description:
      'where there is no room for a new sample: `refuse` does not acknowledge it, `drop-oldest` lets the oldest go, recorded ones first. Either is counted on the health topic and logged once a minute',
  }),
  max_size: sizeFrom('16MB').default('1GB').meta({
    description: 'what `store.sqlite` may hold, `16MB` at least; the oldest of the local history goes first',
  }),
  min_free: sizeOrNone.default('50MB').meta({
    description:
      'with less free on the disk the file does not grow: new samples are refused, or with `when_full: drop-oldest` the oldest history goes first',
  }),
  flush_within: durationUpTo('1h').default('1s').meta({
    description:
      'so long a sample that the gateway read itself may wait for its flush to the disk, at most `1h`: no crash of the gateway takes it meanwhile, a power cut does. With `0s` each is flushed at once. What a client is told is kept never waits',
  }),
  commit_every: durationUpTo('1h').default('0s').meta({
    description:
      'least time between two commits, at most `1h`; `1s` spares flash, and every sample is acknowledged up to a second later. A command and a stop wait for none, and take along what waits',
  }),
});

const commands = z.strictObject({
  repeat_within: duration.default('10m').meta({
    description:
      'so long a command with the same id is a repeat: it gets the answer of the first and is not run again. No jump of the clock shortens it',
  }),
  after_restart: z.enum(AFTER_RESTART).default('reject').meta({
    description:
      'what a start does with commands that were acknowledged and had certainly not begun: `reject` them as `restarted`, or `run` those that are not older than `repeat_within` and have not expired',
  }),
});

const level = z.enum(LOG_LEVELS);

const log = z.strictObject({
  level: level
    .default('info')
    .meta({ description: 'of the lines that are printed and written to the log file' }),
  mqtt: level.default('warn').meta({ description: 'lines from this level on go to the topic `log/<level>`' }),
  size: size.default('10MB').meta({ description: 'size of one log file; the next is begun then' }),
  files: z.int().min(1).max(100).default(7).meta({ description: 'log files kept' }),
});

const configuration = z.strictObject({
  watch: z.boolean().default(true).meta({
    description:
      'the file is looked at every second, and taken up when it has changed; without it only when asked to',
  }),
  edit: z.boolean().default(false).meta({
    description:
      'requests and the page may add devices to the file: whoever may publish on `request/add_device`, without users who sits at this machine',
  }),
  keep: z.int().min(1).max(1000).default(20).meta({
    description:
      'so many earlier states of a file that was changed by requests are kept, in `configurations/` of the data folder',
  }),
});

export const configSchema = z.strictObject({
  gateway: id.meta({ description: 'name of this gateway, part of every topic' }),
  mqtt: mqtt.prefault({}).meta({ description: 'topics, and the door of the embedded broker' }),
  http: http.prefault({}).meta({ description: 'the door of page, API and health' }),
  users: users.optional().meta({ description: 'who may come in, and do what; without it only this machine' }),
  tls: tls.optional().meta({ description: 'doors with TLS' }),
  limits: limits.prefault({}).meta({ description: 'of the embedded broker, and of MQTT over WebSocket' }),
  commands: commands.prefault({}).meta({ description: 'repeats, and what a restart does' }),
  recorder: recorder.prefault({}).meta({ description: 'what is kept, how long, and in how much room' }),
  alarms: alarms.prefault({}).meta({ description: 'who is told of alarms' }),
  home_assistant: z
    .union([z.boolean(), homeAssistant])
    .default(false)
    .meta({ description: '`true`: all devices are told to Home Assistant, by MQTT discovery' }),
  log: log.prefault({}).meta({ description: 'the log, and its files' }),
  configuration: configuration.prefault({}).meta({ description: 'this file itself' }),
  buses: z.record(id, bus).meta({ description: 'by id' }),
  types: z
    .record(id, typeSchema)
    .meta({ description: 'kinds of Arduino, by id; any number of devices are of one' }),
  devices: z.record(id, device).meta({ description: 'by id, which is part of their topics' }),
});

export type ConfigInput = z.output<typeof configSchema>;
