// An alarm, as written in YAML: on a field, on a type, or on a device; and who is told over HTTP.
import { z } from 'zod';
import { OCCASIONS, SEVERITIES } from '../../alarms/spec.js';
import { duration, id, label } from './scalars.js';

/** `2/m`, `+5/10m`, `-0.5/h` */
export const RATE = /^([+-]?)(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)?(s|m|h)$/;
const RATE_FORM = 'a change per time: 2/m either way, +5/10m upwards, -0.5/h downwards';

const sentence = z.string().min(1).max(500);
const word = z.union([z.boolean(), z.number(), label]);

const ofValue = {
  above: z.number().optional().meta({ description: 'raised by a larger value' }),
  below: z.number().optional().meta({ description: 'raised by a smaller value' }),
  outside: z
    .tuple([z.number(), z.number()], 'the least and the largest that are right, such as [15, 30]')
    .optional()
    .meta({ description: 'raised by a value that is not between these two' }),
  is: z
    .union([word, z.array(word).min(1).max(64)])
    .optional()
    .meta({ description: 'raised by this value, or one of these: true, a name, a text' }),
  rate: z
    .string()
    .regex(RATE, RATE_FORM)
    .optional()
    .meta({ description: 'raised by a larger change within a time: `2/m` either way, `+5/10m` upwards' }),
  stale: duration.optional().meta({
    description: 'raised where nothing that is believed was read for so long',
  }),
  hysteresis: z
    .number()
    .positive()
    .optional()
    .meta({ description: 'it ends only when the value is back by so much behind the limit' }),
  for: duration.optional().meta({ description: 'raised when it has been so for this long' }),
  severity: z.enum(SEVERITIES).optional().meta({
    description: 'how bad it is; `warning` where nothing is said. One of `info`, `warning`, `critical`',
  }),
  label: label.optional().meta({ description: 'what people call it' }),
  message: sentence.optional().meta({ description: 'its sentence, with `{value}`, `{limit}` and others' }),
  cleared: sentence.optional().meta({ description: 'the sentence when it is over' }),
};

/** By id, within a field: `high` of the field level is the alarm `level_high` of the device. */
export const fieldAlarms = z.record(id, z.strictObject(ofValue));

const alarm = z.strictObject({
  field: id.optional().meta({ description: 'the field it looks at' }),
  offline: z.literal(true).optional().meta({ description: '`true`: raised where the device is away' }),
  ...ofValue,
});

export const typeAlarms = z.record(id, alarm);

/** What is given for an alarm of the type goes before what its type says. */
export const ownAlarms = z.record(
  id,
  z.union([z.literal(false), alarm], { error: 'an alarm, or false: without the one of its type' }),
);

export type AlarmInput = z.output<typeof alarm>;

const webhook = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2000)
    .regex(
      /^https?:\/\/[^/@?#\s]+(?:[/?#]\S*)?$/i,
      'an address with http:// or https://, without a login: that goes into a header',
    )
    .meta({
      description: 'where it is sent; may have `{device}` and other facts, and `${NAME}` of the environment',
    }),
  method: z.enum(['POST', 'PUT', 'PATCH', 'GET']).default('POST').meta({ description: 'of HTTP' }),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'the name of a header'),
      z.string().max(2000),
    )
    .default({})
    .meta({ description: 'by name; a secret is `${NAME}`, which comes from the environment or `.env`' }),
  body: z.string().max(10_000).optional().meta({
    description: 'a text, with `{message}` and other facts; without body and json all facts as JSON',
  }),
  json: z
    .union([z.record(z.string(), z.unknown()), z.array(z.unknown())])
    .optional()
    .meta({ description: 'in place of body: what is sent as JSON, with facts in its texts' }),
  when: z
    .array(z.enum(OCCASIONS))
    .min(1)
    .default(['raised', 'cleared'])
    .meta({ description: 'what is told: `raised`, `cleared`, `acknowledged`' }),
  severity: z
    .enum(SEVERITIES)
    .default('info')
    .meta({ description: 'from this on. One of `info`, `warning`, `critical`' }),
  timeout: duration.default('10s').meta({ description: 'one attempt is given up then; at most `5m`' }),
  keep: duration
    .default('1d')
    .meta({ description: 'what nobody took for so long is given up; until then it is tried again' }),
});

export const alarms = z.strictObject({
  webhooks: z.record(id, webhook).default({}).meta({ description: 'who is told of alarms over HTTP, by id' }),
});

export type AlarmsInput = z.output<typeof alarms>;
