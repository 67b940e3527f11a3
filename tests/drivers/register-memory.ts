// The registers of a chip, for who reads and writes them otherwise than its description does.

/** As a line reads that nobody holds. */
export const RELEASED = 0xff;

/**
 * Each register has its own bytes, be it one or several; behind them it goes on with the next one, as registers of one byte
 * lie. How many bytes name one tells their number.
 */
export class RegisterMemory {
  readonly #own = new Map<string, number[]>();
  readonly #bytes = new Map<string, number>();
  #fixed: ReadonlySet<string> = new Set();
  #known: ReadonlySet<string> = new Set();

  put(register: Iterable<number>, bytes: Iterable<number>): void {
    const name = [...register];
    const own = [...bytes];
    for (const [offset, byte] of own.entries()) {
      const key = keyOf(name, offset);
      this.#bytes.set(key, byte);
      if (this.#own.get(key)?.length === 1) this.#own.delete(key);
    }
    this.#own.set(keyOf(name, 0), own);
  }

  /** What is written to these is not kept. In hex. */
  fix(registers: readonly string[]): void {
    this.#fixed = new Set(registers.map((register) => keyOf([...Buffer.from(register, 'hex')], 0)));
    this.#known = new Set(this.#bytes.keys());
  }

  has(register: readonly number[]): boolean {
    return this.#bytes.has(keyOf(register, 0));
  }

  /** The register that these bytes name: all of them, or the first, where a driver writes more than it need. */
  named(bytes: readonly number[]): readonly number[] | undefined {
    if (this.has(bytes)) return bytes;
    const first = bytes.slice(0, 1);
    return this.#known.has(keyOf(first, 0)) ? first : undefined;
  }

  written([register = 0, ...bytes]: readonly number[]): void {
    if (bytes.length > 0 && !this.#fixed.has(keyOf([register], 0))) this.put([register], bytes);
  }

  reader(register: readonly number[]): () => number {
    const own = this.#own.get(keyOf(register, 0)) ?? [];
    let offset = 0;
    return () => {
      const at = offset++;
      return own[at] ?? this.#bytes.get(keyOf(register, at)) ?? RELEASED;
    };
  }
}

function keyOf(register: readonly number[], offset: number): string {
  const number = register.reduce((sum, byte) => sum * 256 + byte, 0);
  return `${String(register.length)}:${String(number + offset)}`;
}
