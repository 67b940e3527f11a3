// The configuration's JSON Schema, made from the one schema that checks it: for editors that complete and check YAML.
import { z } from 'zod';
import { configSchema } from '../../shared/config/schema/document.js';

export function configJsonSchema(): unknown {
  return z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any', reused: 'ref' });
}
