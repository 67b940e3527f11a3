// The commands of a type, and the writes that the gateway makes of itself, as written in YAML.
import { z } from 'zod';
import { MOST_CHARACTERS } from '../../codec/expression/parse.js';
import { ARGUMENT_TYPE_NAMES } from '../../codec/wire-types.js';
import { fieldSchema, names } from './field.js';
import { checkSchema } from './frame.js';
import { perhapsQuestionShape } from './question.js';
import { byte, bytes, duration, id, label, MOST_BYTES } from './scalars.js';
import { placeholder, steps, template, templatePart } from './step.js';

const argument = z.strictObject({
  type: z
    .enum(ARGUMENT_TYPE_NAMES)
    .meta({ description: 'how it is written: a number type of the fields, bool, text, or decimal' }),
  compute: z.string().min(1).max(MOST_CHARACTERS).optional().meta({
    description:
      'nobody gives it: what it is computed from, other arguments, constants, parameters, and fields of earlier steps',
  }),
  names: names.optional(),
  scale: z.number().optional().meta({ description: 'raw = (value − offset) ÷ scale' }),
  offset: z.number().optional().meta({ description: 'taken off before scale' }),
  length: z.int().min(1).max(MOST_BYTES).optional().meta({
    description: 'of a text and a decimal: characters at the most',
  }),
  pad: byte.optional().meta({
    description: 'of a text and a decimal: what fills it up to length; without it, it is as long as it is',
  }),
  round: z.int().min(0).max(12).optional().meta({ description: 'of a decimal: digits behind the point' }),
  unit: label.optional().meta({ description: 'shown with it' }),
  min: z.number().optional().meta({ description: 'a smaller one is refused' }),
  max: z.number().optional().meta({ description: 'a larger one is refused' }),
  default: z
    .union([z.number(), z.boolean(), z.string().max(1024)])
    .optional()
    .meta({ description: 'without it the argument is required' }),
  label: label.optional().meta({ description: 'what people call it' }),
});

const verify = z.strictObject({
  write: bytes.optional().meta({ description: 'what asks for it' }),
  ...perhapsQuestionShape,
  steps: steps.optional().meta({ description: 'in place of write and read: the last one reads it' }),
  equals: z
    .union([placeholder, z.array(templatePart).min(1).max(MOST_BYTES)])
    .meta({ description: 'what the reply must be: `$argument`, or bytes' }),
  after: duration.default('0ms').meta({ description: 'pause between the command and reading it back' }),
});

export const plannedWrite = z
  .strictObject({
    write: bytes.optional().meta({ description: 'these bytes, or:' }),
    write_check: checkSchema.optional().meta({ description: 'with write: checksums that the bytes carry' }),
    delay: duration.optional().meta({ description: 'with write: a pause behind it' }),
    nack: z.boolean().default(false).meta({
      description: 'with write: `true`: it need not be acknowledged, as of a chip that resets itself',
    }),
    steps: steps
      .optional()
      .meta({ description: 'several writes, pauses and reads that belong together, or:' }),
    command: id.optional().meta({ description: 'a command of this type' }),
    args: z
      .record(id, z.union([z.number(), z.boolean(), z.string().max(1024)]))
      .optional()
      .meta({ description: 'and its arguments' }),
  })
  .meta({ description: 'a write of the gateway’s own: bytes, or a command with its arguments' });

export type PlannedWriteInput = z.output<typeof plannedWrite>;

const ending = z.union(
  [
    duration,
    z.strictObject({
      default: duration
        .optional()
        .meta({ description: 'without it an output stays on where a command says no for' }),
      max: duration.meta({ description: 'a command may not ask for more' }),
    }),
  ],
  {
    error: 'a duration such as 30s, or default and max',
  },
);

export const command = z.strictObject({
  label: label.optional().meta({ description: 'what people call it' }),
  was: id.optional().meta({ description: 'its first id, where it was renamed, for Home Assistant' }),
  args: z.record(id, argument).default({}).meta({ description: 'by id' }),
  write: template.optional().meta({ description: 'bytes, and `$argument` where its value stands' }),
  write_check: checkSchema.optional().meta({
    description: 'checksums that the written bytes carry: skip counts the bytes at the front that have none',
  }),
  steps: steps.optional().meta({
    description: 'in place of write: several writes, pauses and reads; what they read is the answer',
  }),
  fields: z
    .record(id, fieldSchema)
    .default({})
    .meta({ description: 'with steps: computed fields of the answer' }),
  idempotent: z.boolean().optional().meta({
    description:
      'true: written twice it does what it does once, and it may be repeated after a fault of the bus; false: twice does harm, and it is on the disk before it is on the wire',
  }),
  verify: verify.optional().meta({ description: 'reads back whether the command has worked' }),
  as: z.enum(['light']).optional().meta({
    description: 'what it is to Home Assistant where its only argument is a brightness, or on and off',
  }),
  field: z
    .union([id, z.literal(false)])
    .optional()
    .meta({
      description:
        'the field that shows what its only argument has set, or false; without it the field of its own name, or of its argument’s',
    }),
  safe: plannedWrite.optional().meta({
    description: 'what makes its output safe again; args alone are those of this command',
  }),
  for: ending.optional().meta({
    description: 'after so long the safe write follows by itself; a command may ask for less by its own for',
  }),
  after_crash: z
    .enum(['safe', 'leave'])
    .optional()
    .meta({ description: 'what the next start does with an output that a crash left on; default safe' }),
});
