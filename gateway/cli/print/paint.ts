// Colours, for a terminal and for nobody else.
import { env } from 'node:process';

const CODES = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;

export type Colour = keyof typeof CODES;
export type Paint = (text: string, colour: Colour) => string;

export const plain: Paint = (text) => text;

/** A terminal, and no NO_COLOR (no-color.org: an empty one is none). */
export function isColoured(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>> = env,
): boolean {
  return stream.isTTY === true && (environment['NO_COLOR'] ?? '') === '';
}

export function paintFor(
  stream: { readonly isTTY?: boolean },
  environment?: Readonly<Record<string, string | undefined>>,
): Paint {
  if (!isColoured(stream, environment)) return plain;
  return (text, colour) => `\u001b[${String(CODES[colour])}m${text}\u001b[0m`;
}

/** Of a table. */
export interface Look {
  readonly paint: Paint;
  /** Infinity where nothing is folded. */
  readonly widthColumns: number;
}

export const PLAIN_LOOK: Look = { paint: plain, widthColumns: Infinity };

/** Coloured and folded on a terminal, plain and one line a row elsewhere. */
export function lookOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment?: Readonly<Record<string, string | undefined>>,
): Look {
  const { isTTY, columns = 0 } = stream;
  // One that does not know its size says 0.
  return {
    paint: paintFor(stream, environment),
    widthColumns: isTTY === true && columns > 0 ? columns : Infinity,
  };
}
