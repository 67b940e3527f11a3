// `schema`: prints the configuration's JSON Schema.
import { stdout } from 'node:process';
import { configJsonSchema } from '../../config/json-schema.js';

export function schema(): Promise<void> {
  stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  return Promise.resolve();
}
