// Every key of the configuration, however deep, as its JSON Schema has them.
import { z } from 'zod';
import { configSchema } from '../../shared/config/schema/document.js';

export interface ConfigKey {
  /** `recorder.keep`; a name the user chooses is `*`, an item of a list `[]`. */
  readonly path: string;
  readonly name: string;
  readonly description: string | undefined;
  /** What it can be, where that is a list of words. */
  readonly choices: readonly string[];
  /** As written in YAML; undefined where there is none. */
  readonly default: string | undefined;
  /** Whether it is a duration, size or other text in YAML. */
  readonly isText: boolean;
  /** Whether keys stand below it. */
  readonly isSection: boolean;
}

type Node = z.core.JSONSchema.JSONSchema;

/** A key stands as often as its place can have different schemas, such as the kinds of a check. */
export function configKeys(): readonly ConfigKey[] {
  found ??= everyKey();
  return found;
}

/** Found once: the schema is large, and asked for again and again. */
let found: readonly ConfigKey[] | undefined;

function everyKey(): readonly ConfigKey[] {
  const schema: Node = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const keys: ConfigKey[] = [];
  const enter = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties, additionalProperties, items, anyOf, oneOf, allOf, $ref } = node as Node;
    if ($ref !== undefined) throw new Error('a schema with references needs a walk that follows them');
    for (const [name, child] of Object.entries(properties ?? {})) {
      const below = path === '' ? name : `${path}.${name}`;
      keys.push(keyOf(below, name, child));
      enter(child, below);
    }
    enter(additionalProperties, `${path}.*`);
    for (const item of [items].flat()) enter(item, `${path}[]`);
    for (const branch of [anyOf, oneOf, allOf].flatMap((branches) => branches ?? [])) enter(branch, path);
  };
  enter(schema, '');
  return keys;
}

function keyOf(path: string, name: string, child: unknown): ConfigKey {
  const node = (typeof child === 'object' && child !== null ? child : {}) as Node;
  return {
    ...{ path, name, description: node.description, isText: node.type === 'string' },
    choices: (node.enum ?? []).filter((choice) => typeof choice === 'string'),
    default: written(node.default),
    isSection: node.properties !== undefined || node.additionalProperties !== undefined,
  };
}

/** What is there when nothing is written needs no telling. */
function written(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '{}' || text === '[]' ? undefined : text;
}
