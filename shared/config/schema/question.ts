// A question to a device, as written in YAML: what is written, how the reply is read, what stands around its body.
import { z } from 'zod';
import { checkSchema, echoSchema, envelopeSchema, statusSchema } from './frame.js';
import { byte, duration } from './scalars.js';

export const replyLength = z
  .int()
  .min(1)
  .max(32, 'AVR’s Wire library sends 32 bytes at most; what is read beyond them is FF');

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
});

/** The keys that samples, identify and verify have in common, beside `write`. */
export const questionShape = {
  read: replyLength.meta({ description: 'bytes of the reply, with all that stands around the body' }),
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
};

/** Only a sample may be read without a write. */
export type QuestionInput = Readonly<z.output<z.ZodObject<typeof questionShape>>> & {
  readonly write?: readonly number[] | undefined;
};
