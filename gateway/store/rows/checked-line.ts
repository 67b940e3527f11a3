// A line of JSON behind its checksum. The checksum goes on from the file's generation, a random number that is another after
// each emptying: what a power cut brings back of a file that was emptied and begun anew is then no line of it.
import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const MOST_GENERATION = 2 ** 31;

export function newGeneration(): number {
  return randomInt(1, MOST_GENERATION);
}

export function lineOf(generation: number, json: string): string {
  return `${crc32(json, generation).toString(36)} ${json}\n`;
}

/** The line that begins a file of this generation. */
export function firstLine(generation: number): string {
  return lineOf(0, `{"generation":${String(generation)}}`);
}

/** The JSON of a line without its end, or of one that begins another generation; undefined where it is none. */
export function checkedLine(generation: number, text: string): string | undefined {
  const space = text.indexOf(' ');
  if (space < 0) return undefined;
  const json = text.slice(space + 1);
  const sum = text.slice(0, space);
  const begins = json.startsWith('{"generation":') && crc32(json, 0).toString(36) === sum;
  return begins || crc32(json, generation).toString(36) === sum ? json : undefined;
}
