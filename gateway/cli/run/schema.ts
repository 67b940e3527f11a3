// `schema`: prints what is machine-readable of the configuration, of the messages and of the routes.
import { stdout } from 'node:process';
import { configJsonSchema } from '../../config/json-schema.js';
import { asyncApiDocument } from '../../contract/asyncapi.js';
import type { DocumentName } from '../../contract/documents.js';
import { messageJsonSchema } from '../../contract/json-schema.js';
import { openApiDocument } from '../../contract/openapi.js';

export function schema(what: DocumentName, version: string): Promise<void> {
  const documents: Readonly<Record<DocumentName, () => unknown>> = {
    config: configJsonSchema,
    messages: messageJsonSchema,
    openapi: () => openApiDocument(version),
    asyncapi: () => asyncApiDocument(version),
  };
  stdout.write(`${JSON.stringify(documents[what](), null, 2)}\n`);
  return Promise.resolve();
}
