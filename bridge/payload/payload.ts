// A payload somebody sent → data, or an error that says what is wrong with it. Nothing here throws anything else.
import { GatewayError } from '../../shared/errors.js';
import { jsonFaults, type JsonFaults } from './json-fault.js';

/** A command or request is small; what is larger is a mistake or an attack. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

/** In a number's place until it is parsed. Who writes it as a text of his own has a field that is no number. */
const MARK = '\u0000no number';

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** Stands in the data of `parseSparingNumbers` where a number was none. */
export const NO_NUMBER: unique symbol = Symbol('no number');

/** JSON of a payload. Throws GatewayError too_large or bad_json. `undefined` for an empty payload. */
export function parseJson(payload: Uint8Array): unknown {
  const text = textOf(payload);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw notJson(text, payload, jsonFaults(text), cause);
  }
}

/**
 * As `parseJson`, but a bare `nan` or `inf` in a number's place, which C's printf writes, costs only itself: NO_NUMBER is
 * there. Throws as `parseJson`.
 */
export function parseSparingNumbers(payload: Uint8Array): unknown {
  const text = textOf(payload);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    return withMarks(text, payload, cause);
  }
}

function withMarks(text: string, payload: Uint8Array, cause: unknown): unknown {
  const faults = jsonFaults(text);
  if (faults.at !== undefined) throw notJson(text, payload, faults, cause);
  let patched = '';
  let end = 0;
  for (const { at, word } of faults.noNumbers) {
    patched += `${text.slice(end, at)}${JSON.stringify(MARK)}`;
    end = at + word.length;
  }
  patched += text.slice(end);
  return JSON.parse(patched, (_key, value: unknown) => (value === MARK ? NO_NUMBER : value)) as unknown;
}

/** Without the NULs that C's strings end with. Undefined for an empty payload; NULs alone are none. */
function textOf(payload: Uint8Array): string | undefined {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    const message = `The payload has ${String(payload.length)} bytes; at most ${String(MAX_PAYLOAD_BYTES)} are taken.`;
    throw new GatewayError('too_large', message);
  }
  if (payload.length === 0) return undefined;
  let end = payload.length;
  while (end > 0 && payload[end - 1] === 0) end -= 1;
  try {
    return decoder.decode(payload.subarray(0, end));
  } catch (cause) {
    const at = firstBadByte(payload);
    throw new GatewayError('bad_json', `The payload is not UTF-8: byte ${at} is ${hex(payload[at])}.`, {
      cause,
    });
  }
}

function notJson(text: string, payload: Uint8Array, faults: JsonFaults, cause: unknown): GatewayError {
  const shown = new TextDecoder().decode(payload.subarray(0, 40));
  const [noNumber] = faults.noNumbers;
  const place = noNumber?.at ?? faults.at ?? 0;
  const mark = payload[0] === 0xef && payload[1] === 0xbb && payload[2] === 0xbf ? 3 : 0;
  const at = mark + encoder.encode(text.slice(0, place)).length;
  const what =
    noNumber === undefined
      ? whatIs(payload, at, at >= mark + encoder.encode(text).length)
      : noNumberAt(at, noNumber.word);
  return new GatewayError('bad_json', `The payload is not JSON: ${what}. It begins: ${shown}`, { cause });
}

function noNumberAt(at: number, word: string): string {
  return `byte ${String(at)} is ${word.slice(0, 20)}, which is no number; send null, or leave it out`;
}

function whatIs(payload: Uint8Array, at: number, isEnd: boolean): string {
  const where = `byte ${String(at)}`;
  const byte = payload[at] ?? 0;
  if (isEnd)
    return at === 0 ? 'there is nothing but NULs in it' : `it ends at ${where}, before it is complete`;
  if (byte === 0) return `${where} is a NUL with more behind it; send only the text, without its NUL`;
  const character = byte > 0x20 && byte < 0x7f ? ` (${String.fromCharCode(byte)})` : '';
  return `${where}, ${hex(byte)}${character}, does not belong there`;
}

function hex(byte = 0): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

/** A prefix that is cut within a character is no mistake to a decoder that waits for more. */
function firstBadByte(payload: Uint8Array): number {
  let [good, bad] = [0, payload.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isGoodBeginning(payload.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  // The character begins up to three bytes before the byte that breaks it.
  let first = bad - 1;
  while (first > 0 && !isGoodBeginning(payload.subarray(0, first), false)) first -= 1;
  return first;
}

function isGoodBeginning(bytes: Uint8Array, mayGoOn = true): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: mayGoOn });
    return true;
  } catch {
    return false;
  }
}
