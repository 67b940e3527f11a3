// The conversations of conversations.txt, and a target that holds its end of one.
import type { I2cTransaction } from '../../../shared/ports.js';
import { read } from '../../support/repository.js';

/** Of a conversation: bytes that are written, a pause, or bytes that are read. */
export type Word =
  | { readonly kind: 'write'; readonly hex: string }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'read'; readonly hex: string };

export interface Spoken {
  readonly line: number;
  readonly chip: string;
  readonly address: number;
  /** The package that was heard, and its version. */
  readonly driver: string;
  readonly has: ReadonlyMap<string, string>;
  readonly set: readonly Word[];
  /** Commands with their arguments, before it is read. */
  readonly does: readonly (readonly string[])[];
  readonly says: readonly Word[];
  /** Whether that is all, in this order. */
  readonly isExact: boolean;
  readonly gets: ReadonlyMap<string, string>;
}

export function spokenWithChips(): readonly Spoken[] {
  const lines = read('tests/gateway/library/conversations.txt').split('\n');
  return lines.flatMap((line, index) => {
    if (!line.startsWith('chip ')) return [];
    const [, chip = '', address = '', ...driver] = line.split(' ');
    const end = lines.findIndex((other, at) => at > index && other.startsWith('chip '));
    const own = lines.slice(index + 1, end === -1 ? lines.length : end);
    const rest = (word: string): string =>
      own.find((one) => one.startsWith(` ${word} `))?.slice(word.length + 2) ?? '';
    const gets = rest('get').split(' ');
    const pairs = gets.flatMap((name, at) => (at % 2 === 0 ? [[name, gets[at + 1] ?? ''] as const] : []));
    return [
      {
        ...{ line: index + 1, chip, address: Number(address), driver: driver.join(' ') },
        has: new Map(
          words(rest('has')).map((word): [string, string] => [
            word.split('=')[0] ?? '',
            word.split('=')[1] ?? '',
          ]),
        ),
        set: wordsOf(rest('set')),
        does: rest('do')
          .split('; ')
          .filter((one) => one !== '')
          .map((one) => one.split(' ')),
        says: wordsOf(rest('say') + rest('ask')),
        isExact: rest('say') !== '',
        gets: new Map(pairs),
      },
    ];
  });
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

function wordsOf(text: string): Word[] {
  return words(text).map((word): Word => {
    if (word.endsWith('ms')) return { kind: 'wait', ms: Number(word.slice(0, -2)) };
    return word.startsWith('<') ? { kind: 'read', hex: word.slice(1) } : { kind: 'write', hex: word };
  });
}

/** Writes that are not only the register of a read behind them, each once, in the order in which they came first. */
export function acts(spoken: readonly Word[]): readonly string[] {
  const isAct = (word: Word, index: number): boolean =>
    word.kind === 'write' && spoken[index + 1]?.kind !== 'read';
  return [...new Set(spoken.filter(isAct).map((word) => (word.kind === 'wait' ? '' : word.hex)))];
}

/** Answers by what the conversation says behind the same write, else by what is in its registers. */
export class SpokenTarget {
  readonly #spoken: Spoken;
  #pointer = '';
  readonly #used = new Set<Word>();

  constructor(spoken: Spoken) {
    this.#spoken = spoken;
  }

  answer({ write, readLength = 0 }: I2cTransaction): readonly number[] {
    if (write !== undefined) this.#pointer = hexOf(write);
    if (readLength === 0) return [];
    const bytes = this.#said(readLength) ?? this.#held(readLength);
    if (bytes === undefined)
      throw new Error(`nothing is known of ${this.#pointer}, ${String(readLength)} bytes`);
    return bytes;
  }

  #said(length: number): number[] | undefined {
    let pointer = '';
    for (const word of this.#spoken.says) {
      if (word.kind === 'write') pointer = word.hex;
      // Without a register it is read whatever was written last; and a driver may read more than there is.
      const isHere = pointer === '' || pointer === this.#pointer;
      if (word.kind !== 'read' || !isHere || word.hex.length < 2 * length) continue;
      if (this.#used.has(word) || (this.#spoken.isExact && word.hex.length !== 2 * length)) continue;
      this.#used.add(word);
      return bytesOf(word.hex).slice(0, length);
    }
    return undefined;
  }

  /** Registers lie one behind the other, be they read in one go or each by itself. */
  #held(length: number): number[] | undefined {
    const memory = new Map<number, number>();
    const put = (pointer: string, hex: string): void => {
      const at = Number.parseInt(pointer, 16) & ~0x80 & 0xffff;
      for (const [index, byte] of bytesOf(hex).entries()) memory.set(at + index, byte);
    };
    let pointer = '';
    for (const [at, hex] of this.#spoken.has) put(at, hex);
    for (const word of this.#spoken.says) {
      if (word.kind === 'write') pointer = word.hex;
      else if (word.kind === 'read') put(pointer, word.hex);
    }
    const from = Number.parseInt(this.#pointer, 16) & ~0x80 & 0xffff;
    const whole = this.#spoken.has.get(this.#pointer);
    if (whole?.length === 2 * length) return bytesOf(whole);
    const bytes = Array.from({ length }, (_, index) => memory.get(from + index));
    return bytes.every((byte) => byte !== undefined) ? bytes : undefined;
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

export function bytesOf(hex: string): number[] {
  return [...Buffer.from(hex, 'hex')];
}
