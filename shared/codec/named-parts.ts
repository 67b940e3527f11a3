// A text whose parts have names: `V:246.29,P:84`, in any order, with parts missing.
import type { FieldSpec } from '../device-type.js';
import { GatewayError } from '../errors.js';

/** By name, without blanks around them. Throws wrong_frame where no field is in it: then it is another text. */
export function partsByName(
  text: string,
  split: string,
  pair: string,
  fields: readonly FieldSpec[],
): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(split)) {
    const at = part.indexOf(pair);
    if (at > 0) parts.set(part.slice(0, at).trim(), part.slice(at + pair.length).trim());
  }
  if (fields.some((field) => parts.has(field.key ?? field.id))) return parts;
  const names = fields.map((field) => `${field.key ?? field.id}${pair}`).join(', ');
  throw new GatewayError('wrong_frame', `${JSON.stringify(text)} has none of ${names.slice(0, 200)}.`);
}
