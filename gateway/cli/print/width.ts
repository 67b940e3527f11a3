// How many columns of a terminal a text takes.

/** What stands on the sign before it, or is not to be seen. */
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** What takes two: East Asian signs, their punctuation and full-width forms, and pictures. */
const WIDE =
  /^(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation})$/u;

export function widthOf(text: string): number {
  let width = 0;
  for (const sign of text) width += NOTHING.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1;
  return width;
}

/** Lines that are longer than so many columns, folded; what is indented stays so. */
export function folded(text: string, most: number): string {
  if (most === Infinity) return text;
  const lines = text.split('\n').flatMap((line) => {
    const [indent = ''] = /^ */.exec(line) ?? [];
    return wrapped(line.slice(indent.length), most - indent.length).map((part) => `${indent}${part}`);
  });
  return lines.join('\n');
}

/** In lines of so many columns at most, between words where there are any. */
export function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, most))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= most) line = longer;
    else {
      if (line !== '') lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Of a word that is longer than a line. */
function pieces(word: string, most: number): string[] {
  if (widthOf(word) <= most) return [word];
  const parts: string[] = [];
  let part = '';
  for (const sign of word) {
    if (widthOf(part + sign) > most) {
      parts.push(part);
      part = '';
    }
    part += sign;
  }
  return [...parts, part];
}
