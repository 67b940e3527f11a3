// A question to a device, as written in YAML: what is written, how the reply is read, what stands around its body.
import { z } from 'zod';
import { checkSchema, echoSchema, envelopeSchema, statusSchema } from './frame.js';
import { replyTests } from './reply-test.js';
import { byte, duration, MOST_BYTES } from './scalars.js';

export const replyLength = z
  .int()
  .min(1)
  .max(MOST_BYTES, `at most ${String(MOST_BYTES)} bytes`);

const ready = z.strictObject({
  again: duration.default('10ms').meta({ description: 'pause before the read is repeated' }),
  within: duration.default('1s').meta({ description: 'how long it is repeated at most' }),
  busy: z
    .array(byte)
    .min(1)
    .max(16)
    .default([])
    .meta({ description: 'first bytes of a reply that mean: not yet' }),
  no_ack: z.boolean().default(false).meta({ description: 'a read that is not acknowledged means: not yet' }),
  when: replyTests
    .optional()
    .meta({ description: 'bits of the body that say that it is ready; otherwise: not yet' }),
});

/** What of a question stands beside `write` and `read`. */
export const aroundShape = {
  repeated_start: z.boolean().default(false).meta({ description: 'no STOP between write and read' }),
  delay: duration.optional().meta({
    description: 'pause between write and read. Other devices use the bus meanwhile, this one is left alone',
  }),
  bytewise: z.boolean().default(false).meta({
    description:
      'each byte of the reply is read by a transaction of its own, as Pololu’s library for the AVR wants it',
  }),
  until_ready: ready.optional().meta({
    description:
      'repeats the read, not the write, while the device is busy; a `status` of the word busy counts as well',
  }),
  frame: envelopeSchema.optional(),
  check: checkSchema.optional().meta({ description: 'the checksum of the reply' }),
  echo: echoSchema.optional(),
  status: statusSchema.optional(),
  valid: replyTests.optional().meta({
    description: 'bits of the body that have to be so; else nothing of the reply is believed (device_error)',
  }),
  configured: replyTests.optional().meta({
    description:
      'bits of the body that are so as long as the device has its set-up; else it is written again (set_up_lost)',
  }),
  all_ff: z.boolean().default(false).meta({
    description:
      '`true`: a reply of nothing but FF can be data, and is not taken for a bus where nobody answers',
  }),
  repeatable: z.boolean().default(true).meta({
    description:
      '`false`: reading changes what is read, such as a counter that it clears; never asked again by itself after a fault of the bus',
  }),
};

const read = replyLength.meta({ description: 'bytes of the reply, with all that stands around the body' });

/** The keys that samples, identify and verify have in common, beside `write`. */
export const questionShape = { read, ...aroundShape };

/** Where a step or several may stand in place of a question. */
export const perhapsQuestionShape = { read: read.optional(), ...aroundShape };

/** Only a sample may be read without a write. */
export type QuestionInput = Readonly<z.output<z.ZodObject<typeof questionShape>>> & {
  readonly write?: readonly number[] | undefined;
};
export type PerhapsQuestionInput = Readonly<z.output<z.ZodObject<typeof perhapsQuestionShape>>> & {
  readonly write?: readonly number[] | undefined;
};
