// At which addresses a chip of the library can be: the first line of its file says so, for people, and for this.

const HEADING = /^#.*\bAt (0x.*)$/m;
const RANGE = /0x([0-9A-F]{2})(?: to 0x([0-9A-F]{2}))?/gi;

/** `At 0x77 or 0x76.`, `At 0x40 to 0x4F.`; empty where the file does not say. */
export function addressesIn(chipText: string): readonly number[] {
  const [, sentence = ''] = HEADING.exec(chipText) ?? [];
  return [...sentence.matchAll(RANGE)].flatMap(([, first = '', last = first]) => {
    const [from, to] = [Number.parseInt(first, 16), Number.parseInt(last, 16)];
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  });
}
