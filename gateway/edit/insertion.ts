// A new entry of a section in the text of a YAML file. All that is there stays as it is, to the last blank: the entry gets a line
// of its own behind the last one, as that is indented.
import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { GatewayError } from '../../shared/errors.js';

export interface Addition {
  readonly section: string;
  readonly id: string;
  /** Plain data; written in one line. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** Keys whose numbers people write in hex. */
const HEX: ReadonlySet<string> = new Set(['address', 'mux']);

/** The text with the entry. `text` has no mistakes. Throws unsupported where the section is an alias. */
export function withAddition(text: string, addition: Addition): string {
  const inserted = inserting(text, addition);
  return inserted !== undefined && saysSo(inserted, text, addition) ? inserted : rewritten(text, addition);
}

/** `{ type: roof, bus: main, address: 0x76 }` */
export function inOneLine(value: Addition['value']): string {
  const document = new Document(value);
  const { contents } = document;
  if (isMap(contents)) asPeopleDo(contents);
  return document.toString({ lineWidth: 0 }).trim();
}

function asPeopleDo(map: YAMLMap): void {
  map.flow = true;
  for (const { key, value } of map.items) {
    if (isMap(value)) asPeopleDo(value);
    if (isScalar(key) && isScalar(value) && HEX.has(String(key.value))) value.format = 'HEX';
  }
}

/** Undefined where the section is written in a way that this does not know. */
function inserting(text: string, { section, id, value }: Addition): string | undefined {
  const line = `${id}: ${inOneLine(value)}`;
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const map: unknown = parseDocument(text).get(section, true);
  if (map === undefined) return `${text}${text.endsWith('\n') ? '' : end}${section}:${end}  ${line}${end}`;
  if (!isMap(map) || map.range === null || map.range === undefined) return undefined;
  const [from, to] = map.range;
  if (map.flow === true) {
    const inside = text.slice(from, to - 1).trimEnd();
    return `${text.slice(0, from)}${inside}${map.items.length === 0 ? ' ' : ', '}${line} ${text.slice(to - 1)}`;
  }
  const firstKey = map.items[0]?.key;
  if (!isScalar(firstKey) || firstKey.range === null || firstKey.range === undefined) return undefined;
  const keyAt = firstKey.range[0];
  const indent = text.slice(text.lastIndexOf('\n', keyAt - 1) + 1, keyAt);
  const lastChar = from + text.slice(from, to).trimEnd().length;
  // A remark behind the last entry stays there.
  const lineEnd = text.indexOf('\n', lastChar);
  const at = lineEnd === -1 ? text.length : lineEnd + 1;
  const before = text.slice(0, at);
  return `${before}${before.endsWith('\n') ? '' : end}${indent}${line}${end}${text.slice(at)}`;
}

function saysSo(inserted: string, text: string, { section, id, value }: Addition): boolean {
  const document = parseDocument(inserted);
  if (document.errors.length > 0) return false;
  const before = plain(parseDocument(text));
  const entries = { ...(before[section] as object | undefined), [id]: value };
  return isDeepStrictEqual(plain(document), { ...before, [section]: entries });
}

function plain(document: ReturnType<typeof parseDocument>): Record<string, unknown> {
  return document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>;
}

/** Remarks and order stay; blanks may not. */
function rewritten(text: string, { section, id, value }: Addition): string {
  const document = parseDocument(text);
  if (!isMap(document.get(section, true)))
    throw new GatewayError(
      'unsupported',
      `Nothing can be added to ${section} as it is written; do it by hand.`,
    );
  const node = document.createNode(value);
  if (isMap(node)) asPeopleDo(node);
  document.setIn([section, id], node);
  return document.toString({ lineWidth: 0 });
}
