// The description of a kind of Arduino, as written in YAML. Strict: an unknown key is a mistake, never ignored.
import { z } from 'zod';
import { NUMBER_TYPE_NAMES } from '../../codec/wire-types.js';
import { fieldSchema } from './field.js';
import { questionShape } from './question.js';
import { byte, bytes, duration, id, label } from './scalars.js';

const sample = z.strictObject({
  every: duration.meta({ description: 'how often it is read' }),
  write: bytes.optional().meta({ description: 'register or command bytes written before the read' }),
  ...questionShape,
  split: z
    .string()
    .min(1)
    .max(4)
    .optional()
    .meta({ description: 'the reply is ASCII text, and its parts between this are the fields' }),
  publish: z.enum(['always', 'on_change']).default('always').meta({
    description:
      'which readings become telemetry and are stored: all, or those that changed; the state always has the newest',
  }),
  longest_silence: duration
    .optional()
    .meta({ description: 'with on_change: after so long also what has not changed; default 10m' }),
  fields: z.record(id, fieldSchema).meta({ description: 'by id; one behind the other unless at says where' }),
});

const argumentTypes = [...NUMBER_TYPE_NAMES, 'bool'] as const;

const argument = z.strictObject({
  type: z
    .enum(argumentTypes)
    .meta({ description: 'how it is written: a number type of the fields, or bool' }),
  scale: z.number().optional().meta({ description: 'raw = value ÷ scale' }),
  unit: label.optional().meta({ description: 'shown with it' }),
  min: z.number().optional().meta({ description: 'a smaller one is refused' }),
  max: z.number().optional().meta({ description: 'a larger one is refused' }),
  default: z
    .union([z.number(), z.boolean()])
    .optional()
    .meta({ description: 'without it the argument is required' }),
  label: label.optional().meta({ description: 'what people call it' }),
});

const placeholder = z.string().regex(/^\$[a-z0-9_-]+$/, 'a byte, or $name of an argument');

const templatePart = z.union([byte, placeholder], { error: 'a byte from 0 to 255, or $name of an argument' });

const verify = z.strictObject({
  write: bytes.meta({ description: 'what asks for it' }),
  ...questionShape,
  equals: z
    .union([placeholder, z.array(templatePart).min(1).max(32)])
    .meta({ description: 'what the reply must be: `$argument`, or bytes' }),
  after: duration.default('0ms').meta({ description: 'pause between the command and reading it back' }),
});

const plannedWrite = z
  .strictObject({
    write: bytes.optional().meta({ description: 'these bytes, or:' }),
    command: id.optional().meta({ description: 'a command of this type' }),
    args: z
      .record(id, z.union([z.number(), z.boolean()]))
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

const command = z.strictObject({
  label: label.optional().meta({ description: 'what people call it' }),
  was: id.optional().meta({ description: 'its first id, where it was renamed, for Home Assistant' }),
  args: z.record(id, argument).default({}).meta({ description: 'by id' }),
  write: z.array(templatePart).min(1).meta({ description: 'bytes, and `$argument` where its value stands' }),
  idempotent: z.boolean().default(false).meta({
    description: 'written twice it does what it does once: it may be repeated after a fault of the bus',
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

const wave = z.strictObject({
  mean: z.number().meta({ description: 'volts' }),
  swing: z.number().meta({ description: 'volts, to both sides of the mean' }),
  period: duration.meta({ description: 'of the wave' }),
});
const tank = z.strictObject({
  filled_by: z
    .string()
    .regex(/^D(3|5|6|9|10|11)$/, 'a PWM pin of the Arduino Uno: D3, D5, D6, D9, D10, D11')
    .meta({ description: 'the PWM pin that fills it' }),
  gain: z.number().meta({ description: 'volts a second at full duty' }),
  leak: z.number().min(0).meta({ description: 'volts a second lost' }),
  start: z.number().default(0).meta({ description: 'volts at the beginning' }),
});

const simulate = z.strictObject({
  firmware: z
    .string()
    .min(1)
    .meta({ description: 'Intel-hex file for an ATmega328P, relative to this file' }),
  inputs: z
    .record(z.string().regex(/^A[0-5]$/, 'an analog pin: A0 to A5'), z.union([wave, tank]))
    .default({})
    .meta({ description: 'voltages at the analog pins: a wave, or a tank that a PWM pin fills' }),
});

export const typeSchema = z.strictObject({
  label: label.optional().meta({ description: 'what people call it' }),
  rest: duration.default('0ms').meta({ description: 'pause after each transaction' }),
  identify: z
    .strictObject({
      write: bytes.meta({ description: 'what asks for it' }),
      ...questionShape,
      expect: bytes.meta({ description: 'the bytes that only this type answers' }),
    })
    .optional()
    .meta({ description: 'how it is told that this device is of this type' }),
  samples: z.array(sample).max(16).default([]).meta({ description: 'what is read, and how often' }),
  commands: z.record(id, command).default({}).meta({ description: 'by id' }),
  on_connect: z
    .array(plannedWrite)
    .max(16)
    .default([])
    .meta({ description: 'written whenever the device is found, behind identify' }),
  on_stop: z
    .array(plannedWrite)
    .max(16)
    .default([])
    .meta({ description: 'written when the gateway stops in order' }),
  simulate: simulate
    .optional()
    .meta({ description: 'what `--simulate` runs; without it the target is made from the description' }),
});

export type TypeInput = z.output<typeof typeSchema>;
