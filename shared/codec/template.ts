// Arguments → bytes: fills a command's template.
import type { ArgumentSpec, TemplatePart } from '../device-type.js';
import { WIRE_TYPES, sizeOf } from './wire-types.js';

/** The bytes of a checked argument value. */
export function encodeArgument(spec: ArgumentSpec, value: number | boolean): Uint8Array {
  if (spec.type === 'bool') return Uint8Array.of(value === true ? 1 : 0);
  const type = WIRE_TYPES[spec.type];
  const raw = Number(value) / (spec.scale ?? 1);
  const bytes = new Uint8Array(type.size);
  type.write(new DataView(bytes.buffer), 0, type.integer ? Math.round(raw) : raw);
  return bytes;
}

/** The template with every argument in its place. All arguments named in it are in `encoded`: config/ saw to it. */
export function fillTemplate(
  template: readonly TemplatePart[],
  encoded: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  return Uint8Array.from(
    template.flatMap((part) => (typeof part === 'number' ? [part] : [...(encoded.get(part.argument) ?? [])])),
  );
}

/** How many bytes a template becomes. */
export function templateLength(template: readonly TemplatePart[], args: readonly ArgumentSpec[]): number {
  const sizes = new Map(args.map((arg) => [arg.id, sizeOf(arg.type)]));
  return template.reduce<number>(
    (sum, part) => sum + (typeof part === 'number' ? 1 : (sizes.get(part.argument) ?? 0)),
    0,
  );
}
