// What is marked as begun, before it may be on the wire: a few commands of a device ahead of the one whose turn it is, so
// that a line of commands does not wait for the disk between any two of them.
import { asGatewayError } from '../../shared/errors.js';
import type { Log } from '../../shared/ports.js';

/** So many of a device may be begun at once. What a kill leaves of them is `interrupted`, what stands behind is not. */
const AHEAD = 4;

interface Waiting {
  readonly key: string;
  /** Settles when it is marked; undefined while nobody has asked for it. */
  marked: Promise<void> | undefined;
}

export class BeginAhead {
  readonly #begin: (keys: readonly string[]) => Promise<void>;
  readonly #log: Log;
  /** Of each device, in the order of their turns. */
  readonly #lines = new Map<string, Waiting[]>();

  constructor(begin: (keys: readonly string[]) => Promise<void>, log: Log) {
    this.#begin = begin;
    this.#log = log;
  }

  /** True where the command is so far in front that it is to be kept as begun right away. */
  join(device: string, key: string): boolean {
    const line = this.#lines.get(device) ?? [];
    this.#lines.set(device, line);
    const isBegun = line.length < AHEAD;
    line.push({ key, marked: isBegun ? Promise.resolve() : undefined });
    return isBegun;
  }

  /** In a line again, of a process that ended before it had begun. */
  rejoin(device: string, key: string): void {
    const line = this.#lines.get(device) ?? [];
    this.#lines.set(device, line);
    line.push({ key, marked: undefined });
  }

  /** Resolves when the command may go to the wire: its mark is kept, or the disk takes none and that is said. */
  async turnOf(device: string, key: string): Promise<void> {
    const line = this.#lines.get(device) ?? [];
    const own = line.findIndex((waiting) => waiting.key === key);
    if (own < 0) return;
    const unmarked = line.slice(own, own + AHEAD).filter(({ marked }) => marked === undefined);
    if (unmarked.length > 0) {
      const marking = this.#mark(unmarked.map((waiting) => waiting.key));
      for (const waiting of unmarked) waiting.marked = marking;
    }
    await line[own]?.marked;
  }

  leave(device: string, key: string): void {
    const line = this.#lines.get(device)?.filter((waiting) => waiting.key !== key) ?? [];
    if (line.length === 0) this.#lines.delete(device);
    else this.#lines.set(device, line);
  }

  async #mark(keys: readonly string[]): Promise<void> {
    try {
      await this.#begin(keys);
    } catch (thrown) {
      const error = asGatewayError(thrown);
      this.#log.warn({ code: error.code, err: error }, 'that a command begins could not be written down');
    }
  }
}
