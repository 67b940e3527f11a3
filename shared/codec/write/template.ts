// Arguments → bytes: fills a command's template.
import type { ArgumentSpec, TemplatePart } from './spec.js';
import { GatewayError } from '../../errors.js';
import { argumentLength, isOfOneLength } from './argument.js';

/** The template with every argument in its place. Throws not_valid where a computed one is not known yet. */
export function fillTemplate(
  template: readonly TemplatePart[],
  encoded: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  return Uint8Array.from(
    template.flatMap((part) => (typeof part === 'number' ? [part] : [...bytesOf(part.argument, encoded)])),
  );
}

/** Those that are given are always there: config/ saw to it. Throws not_valid. */
export function bytesOf(argument: string, encoded: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const bytes = encoded.get(argument);
  if (bytes !== undefined) return bytes;
  const message = `${argument} can’t be computed: what it needs of the device is not known, or has no value.`;
  throw new GatewayError('not_valid', message, { untried: true });
}

/** How many bytes a template becomes, at the most where it has a text without `pad`. */
export function templateLength(template: readonly TemplatePart[], args: readonly ArgumentSpec[]): number {
  const sizes = new Map(args.map((arg) => [arg.id, argumentLength(arg)]));
  return template.reduce<number>(
    (sum, part) => sum + (typeof part === 'number' ? 1 : (sizes.get(part.argument) ?? 0)),
    0,
  );
}

/** The first argument in it that is as long as its text. */
export function openEnded(
  template: readonly TemplatePart[],
  args: readonly ArgumentSpec[],
): ArgumentSpec | undefined {
  const named = template.flatMap((part) => (typeof part === 'number' ? [] : [part.argument]));
  return args.find((arg) => named.includes(arg.id) && !isOfOneLength(arg));
}
