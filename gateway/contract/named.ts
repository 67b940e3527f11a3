// The schemas under the names that others know them by, as JSON Schema (2020-12).
import { z } from 'zod';
import { ANSWERS } from './answers.js';
import { alarm, availability, device, deviceHealth, meta, state } from './devices.js';
import { busHealth, event, health, info, logLine, reply, response, status } from './gateway.js';
import { command, OPERATIONS, telemetry } from './questions.js';
import { errorBody, errorCode, recordedSample, sample } from './words.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

const MESSAGES = {
  Status: status,
  Info: info,
  Health: health,
  BusHealth: busHealth,
  Event: event,
  LogLine: logLine,
  DeviceMeta: meta,
  DeviceAvailability: availability,
  DeviceHealth: deviceHealth,
  DeviceState: state,
  Alarm: alarm,
  Sample: sample,
  SentSample: telemetry,
  Command: command,
  Reply: reply,
  Response: response,
  Error: errorBody,
  ErrorCode: errorCode,
};

export type MessageName = keyof typeof MESSAGES | 'Request';

/** Each under its name; they refer to each other below `prefix`, such as `#/$defs/`. */
export function messageSchemas(prefix: string): Readonly<Record<string, JsonSchema>> {
  return { ...schemasOf(MESSAGES, prefix), Request: everyQuestion() };
}

/** With those that only HTTP has. */
export function everySchema(prefix: string): Readonly<Record<string, JsonSchema>> {
  return schemasOf({ ...MESSAGES, Device: device, RecordedSample: recordedSample, ...ANSWERS }, prefix);
}

/** Which of them it is says the last level of its topic. */
function everyQuestion(): JsonSchema {
  return {
    anyOf: Object.entries(OPERATIONS).map(([op, { what }]) => ({
      title: `request/${op}`,
      description: what,
      ...questionSchema(op, true),
    })),
  };
}

/** Of a request over HTTP; over MQTT it has an `id` besides. */
export function questionSchema(op: string, withId: boolean): JsonSchema {
  const { question, orQuestion } = OPERATIONS[op] ?? {};
  const id = z.union([z.string().min(1).max(128), z.int()]).optional();
  const forms = [question, orQuestion].filter((form) => form !== undefined);
  const [only, ...more] = forms.map((form) => schemaOf(withId ? form.extend({ id }) : form));
  return only === undefined || more.length > 0 ? { anyOf: [only, ...more] } : only;
}

/** In the form that a sender or reader sees; further keys may come with later versions. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

function schemasOf(
  named: Readonly<Record<string, z.ZodType>>,
  prefix: string,
): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const uri = (id: string): string => `${prefix}${id}`;
  const { schemas } = z.toJSONSchema(registry, { io: 'input', unrepresentable: 'any', uri });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...rest }]) => [id, rest]),
  );
}
