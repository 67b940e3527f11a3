// One field of a sample, as written in YAML.
import { z } from 'zod';
import { DEVICE_CLASSES } from '../../home-assistant/classes.js';
import { FIELD_TYPE_NAMES } from '../../codec/wire-types.js';
import { MOST_CHARACTERS } from '../../codec/expression/parse.js';
import { fieldAlarms } from './alarm.js';
import { fieldTests } from './reply-test.js';
import { duration, id, label } from './scalars.js';

const number = z.number();
/** `2/s` */
export const MAX_STEP = /^(?!0+(?:\.0+)?\/)(\d+(?:\.\d+)?)\/(s|m|h)$/;
const MAX_STEP_FORM = 'a number above 0, or one per time: 2/s, 10/m, 100/h';
const bitNumber = z.int().min(0).max(47);

export const calibrate = z
  .strictObject({
    points: z
      .array(z.tuple([number, number], 'a pair [said, true]'))
      .min(2, 'needs two points or more')
      .max(64)
      .optional()
      .meta({ description: 'pairs [said, true], said ones rising; straight lines between and beyond them' }),
    polynomial: z
      .array(number)
      .min(2, 'needs two coefficients or more')
      .max(10)
      .optional()
      .meta({ description: 'c0, c1, c2 … of c0 + c1·x + c2·x² …' }),
  })
  .meta({ description: 'from raw × scale + offset to the true value: points or a polynomial' });

export const names = z
  .record(z.string().regex(/^-?\d+$/, 'a whole number, as the device sends it'), label)
  .meta({ description: 'number → name: its value is the name, and a number without one is not believed' });

export const fieldSchema = z.strictObject({
  type: z
    .enum(FIELD_TYPE_NAMES)
    .optional()
    .meta({ description: 'how its bytes are read; or it is computed' }),
  compute: z.string().min(1).max(MOST_CHARACTERS).optional().meta({
    description:
      'what it is computed from: other fields of the sample, constants and parameters, by their ids',
  }),
  hidden: z
    .boolean()
    .default(false)
    .meta({ description: '`true`: only other fields need it; it is not told' }),
  at: z.int().min(0).max(1023).optional().meta({
    description:
      'first byte, counted without frame, echo, status and checksums; by default behind the field before. With split: which part, from 0',
  }),
  each: z.int().min(2).max(64).optional().meta({
    description: 'so many fields, one behind the other: `<id>_1`, `<id>_2` …',
  }),
  stride: z.int().min(1).max(512).optional().meta({
    description: 'with each: bytes from one to the next, where others lie between them',
  }),
  key: z.string().min(1).max(40).optional().meta({
    description: 'with pair: the name that stands before its value; without it its id',
  }),
  length: z.int().min(1).max(1024).optional().meta({ description: 'bytes, for text, hex and decimal' }),
  bit: z.int().min(0).max(7).optional().meta({ description: 'for type bit: 0 is the least significant' }),
  bits: z
    .tuple([bitNumber, bitNumber], 'the lowest and the highest bit, such as [4, 7]')
    .optional()
    .meta({ description: 'lowest and highest bit that belong to it; fields of bits share their bytes' }),
  swap: z.enum(['words', 'bytes']).optional().meta({
    description:
      'before it is read: `words`: its 16-bit words from the last to the first; `bytes`: the two bytes of each changed',
  }),
  mask: z.int().min(1).optional().meta({
    description: 'of a whole number: the field is true where one of these bits is 1, or where they are `is`',
  }),
  is: z
    .union([z.int(), z.array(z.int()).min(1).max(64)])
    .optional()
    .meta({ description: 'with mask: what the bits are where it is true' }),
  valid: fieldTests.optional().meta({
    description: 'bits of another field; where they are not so this one is null (not_valid)',
  }),
  none: z
    .array(z.union([number, z.string()]))
    .min(1)
    .optional()
    .meta({ description: 'raw numbers or texts by which the device says that it has no value' }),
  names: names.optional(),
  scale: number.optional().meta({ description: 'value = raw × scale + offset' }),
  offset: number.optional().meta({ description: 'added after scale' }),
  calibrate: calibrate.optional(),
  round: z.int().min(0).max(12).optional().meta({ description: 'digits behind the point that are kept' }),
  max_step: z
    .union([number.positive(), z.string().regex(MAX_STEP, MAX_STEP_FORM)], {
      error: MAX_STEP_FORM,
    })
    .optional()
    .meta({ description: 'a larger change between two readings is believed when the next reading agrees' }),
  median: z
    .int()
    .min(3)
    .max(99)
    .refine((count) => count % 2 === 1, 'must be odd: of an even number none is the middle')
    .optional()
    .meta({ description: 'the median of so many readings, an odd number' }),
  changes_within: duration.optional().meta({
    description: 'for a counter: where it stands still longer, nothing of the reply is believed',
  }),
  deadband: number
    .positive()
    .optional()
    .meta({ description: 'with publish on_change: a change of so much or less is none' }),
  unit: label.optional().meta({ description: 'shown with it; the value is the bare number' }),
  class: z.enum(DEVICE_CLASSES).optional().meta({
    description: 'what it is to Home Assistant, by its device classes, where its id and its unit do not tell',
  }),
  min: number.optional().meta({ description: 'a smaller one is not believed' }),
  max: number.optional().meta({ description: 'a larger one is not believed' }),
  clamp: z.boolean().default(false).meta({
    description: '`true`: beyond min and max it is min or max, where the data sheet says so',
  }),
  format: z
    .enum(['datetime'])
    .optional()
    .meta({ description: 'seconds since 1970 as the text of a date and time' }),
  example: number.optional().meta({
    description: 'the raw number that a simulated device gives, or drifts around',
  }),
  label: label.optional().meta({ description: 'what people call it' }),
  was: id.optional().meta({ description: 'its first id, where it was renamed, for Home Assistant' }),
  alarms: fieldAlarms.optional().meta({ description: 'what is to be an alarm of it, by id' }),
});

/** With type or compute, whatever the schema lets through: resolve/ sees to it. */
export type FieldInput = z.output<typeof fieldSchema>;
