// All routes over HTTP as an OpenAPI document, served at /api/openapi.json and printed by `schema openapi`.
import { everySchema, type JsonSchema } from './named.js';
import { paths } from './paths.js';

const REFUSED = {
  type: 'object',
  properties: { status: { const: 'error' }, error: { $ref: '#/components/schemas/Error' } },
  required: ['status', 'error'],
};

export function openApiDocument(version: string): JsonSchema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'i2c-mqtt-gateway',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Devices on I²C buses over HTTP. Times are epoch milliseconds; null is what is not believed, never zero.',
    },
    servers: [{ url: '/' }],
    // Nobody needs a name where no users are configured.
    security: [{}, { basic: [] }, { bearer: [] }],
    paths: paths(),
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: { ...everySchema('#/components/schemas/'), Refused: REFUSED },
    },
  };
}
