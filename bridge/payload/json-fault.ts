// Where a text stops being JSON: the runtime's own message names a character at best, and a sender counts bytes.

const WORDS = ['true', 'false', 'null'] as const;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Without the characters below the space, which must be escaped. */
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const BLANKS = /[ \t\r\n]*/y;
/** What printf makes of a float that is no number, in C (`nan`, `-nan`, `inf`), Python and JavaScript. */
const NO_NUMBER = /[+-]?(?:nan(?:\([a-z0-9_]*\))?|inf(?:inity)?)(?![a-z0-9_])/iy;

/** Places in the text, in UTF-16 units. */
export interface JsonFaults {
  /** Where a number that is none stands in a value's place. */
  readonly noNumbers: readonly { readonly at: number; readonly word: string }[];
  /** The first other mistake; behind it nothing is looked at. */
  readonly at?: number;
}

/** What of a text is no JSON (RFC 8259). Without recursion: 64 KB of brackets are no harm. */
export function jsonFaults(text: string): JsonFaults {
  const open: ('{' | '[')[] = [];
  const noNumbers: { readonly at: number; readonly word: string }[] = [];
  let at = matched(BLANKS, text, 0);
  for (;;) {
    // A value stands here.
    const opening = text[at];
    if (opening === '{' || opening === '[') {
      at = matched(BLANKS, text, at + 1);
      if (text[at] !== (opening === '{' ? '}' : ']')) {
        open.push(opening);
        const begun = opening === '{' ? keyAt(text, at) : { next: at };
        if ('at' in begun) return { noNumbers, ...begun };
        at = begun.next;
        continue;
      }
      at += 1;
    } else {
      const noNumber = matched(NO_NUMBER, text, at);
      if (noNumber > at) noNumbers.push({ at, word: text.slice(at, noNumber) });
      const end = noNumber > at ? noNumber : scalarEnd(text, at);
      if (end === at) return { noNumbers, at: faultAt(text, at) };
      at = end;
    }
    at = behindValue(text, at, open);
    if (open.length === 0) return at === text.length ? { noNumbers } : { noNumbers, at };
    if (text[at] !== ',') return { noNumbers, at };
    at = matched(BLANKS, text, at + 1);
    const next = open.at(-1) === '{' ? keyAt(text, at) : { next: at };
    if ('at' in next) return { noNumbers, ...next };
    at = next.next;
  }
}

/** Closes what ends here. */
function behindValue(text: string, from: number, open: ('{' | '[')[]): number {
  let at = matched(BLANKS, text, from);
  while (open.length > 0 && text[at] === (open.at(-1) === '{' ? '}' : ']')) {
    open.pop();
    at = matched(BLANKS, text, at + 1);
  }
  return at;
}

/** From a key to the value behind its colon; or the place of the mistake. */
function keyAt(text: string, from: number): { readonly next: number } | { readonly at: number } {
  const end = matched(STRING, text, from);
  if (end === from) return { at: faultAt(text, from) };
  const colon = matched(BLANKS, text, end);
  return text[colon] === ':' ? { next: matched(BLANKS, text, colon + 1) } : { at: colon };
}

function scalarEnd(text: string, at: number): number {
  const word = WORDS.find((known) => text.startsWith(known, at));
  if (word !== undefined) return at + word.length;
  return text[at] === '"' ? matched(STRING, text, at) : matched(NUMBER, text, at);
}

/** Of a string the place is in it, not before it. */
function faultAt(text: string, at: number): number {
  return text[at] === '"' ? brokenString(text, at) : at;
}

function brokenString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += text[at] === '\\' ? 2 : 1) {
    if (text.charCodeAt(at) < 0x20) return at;
    if (text[at] === '\\' && !/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(at, at + 6))) return at;
  }
  return text.length;
}

function matched(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : at;
}
