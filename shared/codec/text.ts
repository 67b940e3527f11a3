// Characters in a reply: ASCII, padded as firmware pads it.

/** Behind a shorter text: NUL of a C string, or FF where more was read than the firmware wrote. */
const PADDING = new Set([0x00, 0xff]);
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;
/** Tab, line feed, carriage return. */
const SPACES = new Set([0x09, 0x0a, 0x0d]);

/** The text before the first NUL or FF, without spaces and line ends around it; undefined where it isn't ASCII. */
export function readText(bytes: Uint8Array): string | undefined {
  const end = bytes.findIndex((byte) => PADDING.has(byte));
  const text = end === -1 ? bytes : bytes.subarray(0, end);
  return text.every(isAscii) ? String.fromCharCode(...text).trim() : undefined;
}

function isAscii(byte: number): boolean {
  return (byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE) || SPACES.has(byte);
}

/** `21.5`, `-3`, `+1e3` → the number; NaN for anything else, also for what Number() would let through ('', 0x10). */
export function readDecimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** `0a1b…`: every byte as it came. */
export function readHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
