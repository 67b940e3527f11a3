// The description of a kind of Arduino, as written in YAML. Strict: an unknown key is a mistake, never ignored.
import { z } from 'zod';
import { typeAlarms } from './alarm.js';
import { command, plannedWrite } from './command.js';
import { fieldSchema } from './field.js';
import { perhapsQuestionShape } from './question.js';
import { bytes, duration, id, label, MOST_BYTES } from './scalars.js';
import { replyTests } from './reply-test.js';
import { bodyShape, steps } from './step.js';

const sample = z.strictObject({
  every: duration.meta({ description: 'how often it is read' }),
  write: bytes.optional().meta({ description: 'register or command bytes written before the read' }),
  ...perhapsQuestionShape,
  ...bodyShape,
  steps: steps
    .optional()
    .meta({ description: 'in place of write and read: several, with what each reads of the fields' }),
  acknowledge: bytes.optional().meta({
    description: 'written behind a reading that is believed, and only then: the device may forget it now',
  }),
  publish: z.enum(['always', 'on_change']).default('always').meta({
    description:
      'which readings become telemetry and are stored: all, or those that changed; the state always has the newest',
  }),
  longest_silence: duration
    .optional()
    .meta({ description: 'with on_change: after so long also what has not changed; default 10m' }),
  fields: z
    .record(id, fieldSchema)
    .default({})
    .meta({ description: 'by id; one behind the other unless at says where' }),
});

/** As a sample, but read once. */
const constant = z.strictObject({
  write: bytes.optional().meta({ description: 'register or command bytes written before the read' }),
  ...perhapsQuestionShape,
  ...bodyShape,
  steps: steps.optional().meta({ description: 'in place of write and read: several' }),
  fields: z
    .record(id, fieldSchema)
    .default({})
    .meta({ description: 'by id, which is their name in compute' }),
});

const parameter = z.strictObject({
  default: z.number().meta({ description: 'where the device says nothing else' }),
  min: z.number().optional().meta({ description: 'a smaller one is refused' }),
  max: z.number().optional().meta({ description: 'a larger one is refused' }),
  label: label.optional().meta({ description: 'what it is' }),
});

const most = z.int().min(1).max(MOST_BYTES).default(32);

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
  use: id.optional().meta({
    description: 'a chip of the library (`types` lists them); keys given here go before its own',
  }),
  extends: id.optional().meta({
    description: 'another type of this file that this is a kind of; keys given here go before its own',
  }),
  label: label.optional().meta({ description: 'what people call it' }),
  rest: duration.default('0ms').meta({ description: 'pause after each transaction' }),
  largest: z
    .strictObject({
      write: most.meta({ description: 'bytes of the longest write, the register included' }),
      read: most.meta({ description: 'bytes of the longest read' }),
    })
    .optional()
    .meta({ description: 'for a device that is no AVR: how long a transaction it takes' }),
  parameters: z
    .record(id, parameter)
    .default({})
    .meta({ description: 'values that differ from device to device, by their name in compute' }),
  constants: z
    .array(constant)
    .max(16)
    .default([])
    .meta({ description: 'read once it is identified, and again when it was reset: for compute' }),
  identify: z
    .strictObject({
      write: bytes.optional().meta({ description: 'what asks for it' }),
      ...perhapsQuestionShape,
      steps: steps.optional().meta({ description: 'in place of write and read: the last one reads it' }),
      expect: z
        .union([bytes, z.array(bytes).min(1).max(16), replyTests], {
          error: 'bytes, a list of such, or what bits have to be',
        })
        .meta({
          description: 'the bytes that only this type answers, several such, or what bits of them have to be',
        }),
    })
    .optional()
    .meta({ description: 'how it is told that this device is of this type' }),
  samples: z.array(sample).max(16).default([]).meta({ description: 'what is read, and how often' }),
  commands: z.record(id, command).default({}).meta({ description: 'by id' }),
  on_connect: z
    .array(plannedWrite)
    .max(64)
    .default([])
    .meta({ description: 'written whenever the device is found, behind identify' }),
  on_stop: z
    .array(plannedWrite)
    .max(16)
    .default([])
    .meta({ description: 'written when the gateway stops in order' }),
  alarms: typeAlarms.default({}).meta({ description: 'what is to be an alarm of each such device, by id' }),
  simulate: simulate
    .optional()
    .meta({ description: 'what `--simulate` runs; without it the target is made from the description' }),
});

export type TypeInput = z.output<typeof typeSchema>;
