// A step of a conversation, as written in YAML: a write, a pause, a read, or all three.
import { z } from 'zod';
import { fieldSchema } from './field.js';
import { checkSchema } from './frame.js';
import { perhapsQuestionShape } from './question.js';
import { fieldTests } from './reply-test.js';
import { byte, duration, id, MOST_BYTES } from './scalars.js';

export const placeholder = z.string().regex(/^\$[a-z0-9_-]+$/, 'a byte, or $name of an argument');

export const templatePart = z.union([byte, placeholder], {
  error: 'a byte from 0 to 255, or $name of an argument',
});

export const template = z.array(templatePart).min(1).max(MOST_BYTES);

/** How the body of a reply is taken apart, beside its fields. */
export const bodyShape = {
  split: z
    .string()
    .min(1)
    .max(4)
    .optional()
    .meta({ description: 'the reply is ASCII text, and its parts between this are the fields' }),
  pair: z.string().min(1).max(4).optional().meta({
    description: 'with split: stands between name and value of each part; fields are found by name',
  }),
};

const modify = z
  .strictObject({
    mask: z.int().min(1).max(0xffff).meta({ description: 'the bits that are changed' }),
    value: templatePart.meta({
      description: 'what they become: `$argument`, all of them where that is a bool, or a number',
    }),
    invert: z.boolean().default(false).meta({ description: '`true`: on is 0' }),
    ones: z
      .int()
      .min(0)
      .max(0xffff)
      .default(0)
      .meta({ description: 'bits that are always written as 1: inputs of a port without directions' }),
  })
  .meta({ description: 'what was read is written back behind the same register, with these bits changed' });

export const step = z.strictObject({
  write: template.optional().meta({ description: 'bytes; of a command also `$argument`' }),
  write_check: checkSchema.optional().meta({ description: 'checksums that the written bytes carry' }),
  nack: z.boolean().default(false).meta({
    description: '`true`: the write need not be acknowledged, by a chip that sleeps or is busy',
  }),
  general_call: z.boolean().default(false).meta({
    description:
      'of commands: `true`: written to address 0x00, which every device of the bus may obey, such as a reset of all',
  }),
  only_if: fieldTests.optional().meta({
    description:
      'in samples and constants: bits of a field that an earlier step has read; else the step is left out, and its fields are null',
  }),
  taken_within: duration.optional().meta({
    description:
      'in samples, with only_if: left out for longer, the device has lost its set-up; it is written again (set_up_lost)',
  }),
  always: z.boolean().default(false).meta({
    description:
      'of commands: `true`: taken also where an earlier step has failed, such as what starts a chip again that was stopped',
  }),
  ...perhapsQuestionShape,
  ...bodyShape,
  modify: modify.optional(),
  fields: z.record(id, fieldSchema).default({}).meta({ description: 'what its reply holds' }),
});

export type StepInput = z.output<typeof step>;

export const steps = z.array(step).min(1).max(64);
