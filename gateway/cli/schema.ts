// `schema`: the configuration's JSON Schema, made from the one schema that checks it.
import { stdout } from 'node:process';
import { z } from 'zod';
import { configSchema } from '../../shared/config/schema.js';

export function schema(): Promise<void> {
  const json = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  return Promise.resolve();
}
