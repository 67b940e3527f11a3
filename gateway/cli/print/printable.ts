// What a client made up, on a terminal: no line of its own making, and no sequence that a terminal would obey.

/** C0 and C1, DEL, and what turns the direction of writing or breaks a line in Unicode. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/gu;

/** One line, with `\u001b` where such a character was, as JSON would write it. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
