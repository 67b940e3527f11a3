// The whole configuration file as one strict schema. Durations and sizes stay text here; resolve.ts gives them units.
import { z } from 'zod';
import { FIRST_ADDRESS, LAST_ADDRESS } from '../addresses.js';
import { WHEN_FULL } from './config.js';
import { LOG_LEVELS } from '../topics.js';
import { host, limits, tls, users } from './network-schema.js';
import { duration, id, label, port, size } from './scalars.js';
import { typeSchema } from './type-schema.js';

const recovery = z.strictObject({
  run: z
    .array(z.string().min(1).max(1000))
    .min(1)
    .max(32)
    .meta({ description: 'a program that resets the bus, and its arguments; no shell' }),
  within: duration.default('10s').meta({ description: 'it is killed when it takes longer' }),
});

const bus = z.strictObject({
  path: z.string().min(1).meta({ description: 'for example /dev/i2c-1' }),
  speed: z
    .int()
    .min(1000)
    .max(5_000_000)
    .default(100_000)
    .meta({ description: 'bits a second; used to tell whether the intervals fit on the bus' }),
  recovery: recovery.optional(),
});

const device = z.strictObject({
  type: id,
  bus: id,
  address: z
    .int()
    .min(FIRST_ADDRESS, '0x00 to 0x03 are reserved by the I²C specification')
    .max(
      LAST_ADDRESS,
      '0x78 to 0x7F are reserved by the I²C specification; an 8-bit address is divided by 2',
    ),
  behind: z
    .strictObject({
      mux: z.int().min(0x70, 'a TCA9548A is at 0x70 to 0x77').max(0x77, 'a TCA9548A is at 0x70 to 0x77'),
      channel: z.int().min(0).max(7),
    })
    .optional()
    .meta({ description: 'the channel of a multiplexer (TCA9548A) that it is wired to' }),
  label: label.optional(),
});

const mqtt = z.strictObject({
  base: id.default('iot'),
  host,
  port: port.default(1883),
  values: z.boolean().default(true).meta({ description: 'publish device/<d>/value/<field> as bare scalars' }),
  sys_interval: z
    .union([duration, z.literal(0)])
    .default('10s')
    .meta({ description: 'how often the embedded broker tells its numbers on $SYS/broker; 0: never' }),
  raw_writes: z.boolean().default(false).meta({
    description:
      'let requests over MQTT and HTTP write bytes of their choice, past the limits and checks of the types',
  }),
});

const http = z.strictObject({
  host,
  port: port.default(8080),
  origins: z
    .array(z.url({ protocol: /^https?$/ }))
    .default([])
    .meta({ description: 'origins of other pages that may use the API and MQTT over WebSocket' }),
});

const recorder = z.strictObject({
  name: id
    .optional()
    .meta({ description: 'of a recorder alone (--only recorder): its own level in its topics' }),
  gateways: z.array(id).min(1).max(500).optional().meta({
    description: 'whose telemetry a recorder alone (--only recorder) keeps; without it all of the base',
  }),
  keep: duration.default('30d').meta({ description: 'how long stored samples are kept' }),
  outbox: z
    .int()
    .min(1000)
    .default(1_000_000)
    .meta({ description: 'samples that may wait for the store; beyond it when_full decides' }),
  when_full: z.enum(WHEN_FULL).default('refuse').meta({
    description:
      'where there is no room for a new sample: it is not acknowledged, or the oldest that wait go',
  }),
  max_size: size
    .default('1GB')
    .meta({ description: 'what the store’s file may hold; the oldest history goes' }),
  min_free: size.default('50MB').meta({ description: 'with less free on the disk the store does not grow' }),
  commit_every: duration
    .default('0s')
    .meta({ description: 'least time between two commits; 1s spares flash, and acknowledges as late' }),
});

const level = z.enum(LOG_LEVELS);

const log = z.strictObject({
  level: level.default('info'),
  mqtt: level.default('warn').meta({ description: 'lines from this level on go to log/<level>' }),
  size: size.default('10MB').meta({ description: 'size of one log file' }),
  files: z.int().min(1).max(100).default(7).meta({ description: 'log files kept' }),
});

export const configSchema = z.strictObject({
  gateway: id.meta({ description: 'name of this gateway, part of every topic' }),
  mqtt: mqtt.prefault({}),
  http: http.prefault({}),
  users: users.optional(),
  tls: tls.optional(),
  limits: limits.prefault({}),
  recorder: recorder.prefault({}),
  log: log.prefault({}),
  buses: z.record(id, bus),
  types: z.record(id, typeSchema),
  devices: z.record(id, device),
});

export type ConfigInput = z.output<typeof configSchema>;
