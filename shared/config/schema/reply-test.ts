// What bits of a reply have to be, as written in YAML: the same words wherever a device says something by bits.
import { z } from 'zod';
import { NUMBER_TYPE_NAMES } from '../../codec/wire-types.js';
import { id } from './scalars.js';

const whole = z.int('a whole number');
const oneOrMore = z.union([whole, z.array(whole).min(1).max(64)], {
  error: 'a whole number, or a list of some',
});

const numberShape = {
  mask: whole.min(1).optional().meta({ description: 'these bits of it alone' }),
  is: oneOrMore.optional().meta({ description: 'it is this number, or one of these' }),
  not: oneOrMore.optional().meta({ description: 'it is not this number, nor one of these' }),
  min: z.number().optional().meta({ description: 'it is at least this' }),
  max: z.number().optional().meta({ description: 'it is at most this' }),
};

const replyTest = z.strictObject({
  at: z.int().min(-1024).max(1023).default(0).meta({
    description: 'its first byte in the body; below 0 counted from the end: -1 is the last',
  }),
  type: z.enum(NUMBER_TYPE_NAMES).default('uint8').meta({ description: 'how it is read' }),
  ...numberShape,
});

const fieldTest = z.strictObject({
  field: id.meta({ description: 'the field whose raw number is looked at, of the same sample' }),
  ...numberShape,
});

const form = { error: 'what bits have to be, such as { at: 0, mask: 0x80, is: 0 }' };

/** Bits of the reply itself; of a list all have to be so. */
export const replyTests = z.union([replyTest, z.array(replyTest).min(1).max(16)], form);
/** Bits of another field of the sample. */
export const fieldTests = z.union([fieldTest, z.array(fieldTest).min(1).max(16)], {
  error: 'what bits of another field have to be, such as { field: status, mask: 0x01, is: 0 }',
});

export type ReplyTestInput = z.output<typeof replyTest>;
export type FieldTestInput = z.output<typeof fieldTest>;
