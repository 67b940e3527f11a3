// The description of a kind of Arduino, as written in YAML. Strict: an unknown key is a mistake, never ignored.
import { z } from 'zod';
import { NUMBER_TYPE_NAMES } from '../codec/wire-types.js';
import { fieldSchema } from './field-schema.js';
import { questionShape } from './question-schema.js';
import { byte, bytes, duration, id, label } from './scalars.js';

const sample = z.strictObject({
  every: duration,
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
  fields: z.record(id, fieldSchema),
});

const argumentTypes = [...NUMBER_TYPE_NAMES, 'bool'] as const;

const argument = z.strictObject({
  type: z.enum(argumentTypes),
  scale: z.number().optional().meta({ description: 'raw = value ÷ scale' }),
  unit: label.optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  default: z.union([z.number(), z.boolean()]).optional(),
  label: label.optional(),
});

const placeholder = z.string().regex(/^\$[a-z0-9_-]+$/, 'a byte, or $name of an argument');

const templatePart = z.union([byte, placeholder], { error: 'a byte from 0 to 255, or $name of an argument' });

const verify = z.strictObject({
  write: bytes,
  ...questionShape,
  equals: z.union([placeholder, z.array(templatePart).min(1).max(32)]),
  after: duration.default('0ms').meta({ description: 'pause between the command and reading it back' }),
});

const plannedWrite = z
  .strictObject({
    write: bytes.optional().meta({ description: 'these bytes, or:' }),
    command: id.optional().meta({ description: 'a command of this type' }),
    args: z.record(id, z.union([z.number(), z.boolean()])).optional(),
  })
  .meta({ description: 'a write of the gateway’s own: bytes, or a command with its arguments' });

export type PlannedWriteInput = z.output<typeof plannedWrite>;

const ending = z.union([duration, z.strictObject({ default: duration.optional(), max: duration })], {
  error: 'a duration such as 30s, or default and max',
});

const command = z.strictObject({
  label: label.optional(),
  args: z.record(id, argument).default({}),
  write: z.array(templatePart).min(1),
  idempotent: z.boolean().default(false).meta({
    description: 'written twice it does what it does once: it may be repeated after a fault of the bus',
  }),
  verify: verify.optional(),
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

const wave = z.strictObject({ mean: z.number(), swing: z.number(), period: duration });
const tank = z.strictObject({
  filled_by: z.string().regex(/^D(3|5|6|9|10|11)$/, 'a PWM pin of the Arduino Uno: D3, D5, D6, D9, D10, D11'),
  gain: z.number().meta({ description: 'volts a second at full duty' }),
  leak: z.number().min(0).meta({ description: 'volts a second lost' }),
  start: z.number().default(0),
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
  label: label.optional(),
  rest: duration.default('0ms').meta({ description: 'pause after each transaction' }),
  identify: z.strictObject({ write: bytes, ...questionShape, expect: bytes }).optional(),
  samples: z.array(sample).max(16).default([]),
  commands: z.record(id, command).default({}),
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
  simulate: simulate.optional(),
});

export type TypeInput = z.output<typeof typeSchema>;
