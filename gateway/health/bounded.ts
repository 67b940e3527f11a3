// Keeps what is told small, whatever it is made of: sentences are cut, lists say how many they leave out. By bytes of JSON.
import { encodeJson } from '../../shared/messages.js';

/** Of a whole message: with its topic below the 8,092 bytes that the smallest broker takes in a packet (Moquette). */
export const MOST_BYTES = 7500;

export interface Bounds {
  /** Of one text. */
  readonly textBytes: number;
  /** Of a list. */
  readonly items: number;
  /** Of an object. */
  readonly keys: number;
}

const QUOTES_BYTES = 2;
const DOTS_BYTES = 3;

type Dictionary = Readonly<Record<string, unknown>>;

export function bytesOf(value: unknown): number {
  return encodeJson(value).length;
}

/** The same with less in it: the first of a list, the first keys of an object with how many more there were. */
export function bounded(value: unknown, bounds: Bounds): unknown {
  if (typeof value === 'string') return cut(value, bounds.textBytes);
  if (Array.isArray(value)) return value.slice(0, bounds.items).map((item) => bounded(item, bounds));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Dictionary).filter(([, item]) => item !== undefined);
  const kept = entries.slice(0, bounds.keys).map(([key, item]) => [key, bounded(item, bounds)] as const);
  const leftOut = entries.length - kept.length;
  return { ...Object.fromEntries(kept), ...(leftOut > 0 ? { leftOut } : {}) };
}

/** Whole characters, with the dots behind them where something is missing. */
export function cut(text: string, mostBytes: number): string {
  let bytes = QUOTES_BYTES;
  let length = 0;
  // The last place where the dots would still fit.
  let cutAt = 0;
  for (const character of text) {
    if (bytes + DOTS_BYTES <= mostBytes) cutAt = length;
    bytes += characterBytes(character);
    if (bytes > mostBytes) return `${text.slice(0, cutAt)}…`;
    length += character.length;
  }
  return text;
}

/** In a JSON text. The short escapes are taken for long ones: it is a bound. */
function characterBytes(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0xd800 && code <= 0xdfff)) return 6;
  if (character === '"' || character === '\\') return 2;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x1_0000 ? 3 : 4;
}

const TIGHT: Bounds = { textBytes: 60, items: 1, keys: 12 };

/** What is largest is told with less in it, and then not at all; `leftOut` names those. `first` always stays. */
export function withinBytes(parts: Dictionary, first: readonly string[], mostBytes = MOST_BYTES): Dictionary {
  const left = new Map(Object.entries(parts));
  const leftOut: string[] = [];
  const told = (): Dictionary => ({
    ...Object.fromEntries(left),
    ...(leftOut.length === 0 ? {} : { leftOut }),
  });
  const bySize = [...left]
    .filter(([name]) => !first.includes(name))
    .map(([name, value]) => ({ name, value, bytes: bytesOf(value) }))
    .toSorted((a, b) => b.bytes - a.bytes);
  for (const { name, value } of bySize) {
    if (bytesOf(told()) <= mostBytes) break;
    left.set(name, bounded(value, TIGHT));
  }
  for (const { name } of bySize) {
    if (bytesOf(told()) <= mostBytes) break;
    left.delete(name);
    leftOut.push(name);
  }
  return told();
}
