// Whether a value fits a JSON Schema, and says nothing besides: what the document leaves open is closed for a test.
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Keys of such a document, beside its schemas. */
const OF_OPENAPI = ['openapi', 'info', 'servers', 'security', 'paths', 'components'];

export class FittingValues {
  readonly #ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });

  /** A document with schemas in it, as it is printed or served; its parts are found by their pointer. */
  constructor(document: object) {
    this.#ajv.addVocabulary(OF_OPENAPI);
    this.#ajv.addSchema({ ...(closed(document) as object), $id: 'document' });
  }

  /** What is wrong with it, or nothing. `pointer` such as `#/$defs/Status`. */
  faults(pointer: string, value: unknown): readonly string[] {
    const validate = this.#ajv.getSchema(`document${pointer}`);
    if (validate === undefined) return [`there is no schema ${pointer}`];
    if (validate(value) === true) return [];
    const faults = validate.errors ?? [];
    return faults.map(({ instancePath, message = '', params }) =>
      `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
    );
  }
}

/** Readers are told to bear keys that they do not know; a test is to find them. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.entries(schema).map(([key, part]): [string, unknown] => [key, closed(part)]);
  const isOpen = 'properties' in schema && 'type' in schema && !('additionalProperties' in schema);
  return Object.fromEntries(isOpen ? [...parts, ['additionalProperties', false]] : parts);
}

/** A key as it stands in a pointer (RFC 6901), in a URI's fragment. */
export function inPointer(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}
