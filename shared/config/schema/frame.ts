// What stands around the fields of a reply, as written in YAML: envelope, checksum, echo, status byte.
import { z } from 'zod';
import { CHECK_SPANS } from '../../codec/checksum.js';
import { byte, label } from './scalars.js';

const word = z.int('a whole number from 0 to 0xFFFF').min(0).max(0xffff);
const over = z.enum(CHECK_SPANS).default('reply').meta({
  description:
    'bytes it is taken over: the reply before it, what was written and the reply, or SMBus’s packet with its address bytes (pec)',
});
const each = z.int().min(1).max(512).optional().meta({
  description:
    'a check stands behind every so many bytes and covers those (Sensirion: 2); without it, one stands at the end',
});
const skip = z
  .int()
  .min(1)
  .max(8)
  .optional()
  .meta({ description: 'so many bytes at the front of the frame are not covered, such as its start' });
const reflect = z
  .boolean()
  .default(false)
  .meta({ description: 'least significant bit first: refin and refout of the catalogue of CRCs' });

const simple = (kind: 'sum8' | 'xor8') =>
  z.strictObject({
    kind: z.literal(kind).meta({ description: 'sum8: the bytes added up; xor8; crc8; crc16' }),
    init: byte.default(0).meta({ description: 'where the register begins' }),
    xor_out: byte.default(0).meta({ description: 'the result is xored with it; 0xFF inverts a sum' }),
    over,
    skip,
    each,
  });

export const checkSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('crc8').meta({ description: 'sum8: the bytes added up; xor8; crc8; crc16' }),
      poly: byte.default(0x07).meta({ description: 'generator polynomial, most significant bit first' }),
      init: byte.default(0).meta({ description: 'where the register begins' }),
      reflect,
      xor_out: byte.default(0).meta({ description: 'the result is xored with it; 0xFF inverts a sum' }),
      over,
      skip,
      each,
    }),
    z.strictObject({
      kind: z.literal('crc16').meta({ description: 'sum8: the bytes added up; xor8; crc8; crc16' }),
      poly: word.default(0x1021).meta({ description: 'generator polynomial, most significant bit first' }),
      init: word.default(0).meta({ description: 'where the register begins' }),
      reflect,
      xor_out: word.default(0).meta({ description: 'the result is xored with it; 0xFF inverts a sum' }),
      order: z
        .enum(['le', 'be'])
        .default('be')
        .meta({ description: 'byte order of a crc16 in the reply; Modbus has `le`' }),
      over,
      skip,
      each,
    }),
    simple('sum8'),
    simple('xor8'),
  ],
  { error: 'needs a kind: crc8, crc16, sum8 or xor8' },
);

export type CheckInput = z.output<typeof checkSchema>;

const marker = z.array(byte).min(1).max(4);

export const envelopeSchema = z
  .strictObject({
    stray: byte.optional().meta({ description: 'one such byte may come before the frame' }),
    start: marker.optional().meta({ description: 'bytes that the frame begins with' }),
    length: z.enum(['body', 'rest', 'all']).optional().meta({
      description:
        'a byte behind the start says how many bytes the body has, or all behind it with check and end, or the whole frame',
    }),
    end: marker.optional().meta({ description: 'bytes that the frame ends with, behind its check' }),
  })
  .meta({ description: 'what stands around the reply: start, length, (body and check), end' });

export const echoSchema = z.int().min(1).max(31).meta({
  description: 'the reply begins with so many of the written bytes',
});

export const statusSchema = z
  .record(
    z
      .string()
      .refine(
        (text) => /^\d+$/.test(text) && Number(text) <= 0xff,
        'a status is a byte from 0 to 255 (0x00 to 0xFF)',
      ),
    label,
  )
  .meta({
    description:
      'the first byte of the reply, behind an echo: each known value with its word; ok and busy have a meaning, all else names an error',
  });
