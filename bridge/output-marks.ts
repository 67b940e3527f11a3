// What is remembered across a crash of an output that is not safe.
import { z } from 'zod';
import { asGatewayError } from '../shared/errors.js';
import type { Log, OutputMarks } from '../shared/ports.js';

const markSchema = z.object({
  device: z.string(),
  command: z.string(),
  /** Of the command that did it. */
  id: z.string(),
  /** Epoch ms. */
  since: z.number(),
  until: z.number().optional(),
  /** Left as it is by an orderly stop: meant so. */
  stopped: z.boolean().optional(),
});

export type OutputMark = z.output<typeof markSchema>;

export function keyOf({ device, command }: Pick<OutputMark, 'device' | 'command'>): string {
  return `${device}/${command}`;
}

/** Keeps the newest mark of each output. A disk that takes none is said, and stops no command. */
export class MarkKeeper {
  readonly #marks: OutputMarks;
  readonly #log: Log;
  readonly #newest = new Map<string, OutputMark>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(marks: OutputMarks, log: Log) {
    this.#marks = marks;
    this.#log = log;
  }

  /** Those of earlier processes. */
  async load(): Promise<OutputMark[]> {
    const kept = await this.#marks.all();
    return kept.flatMap(({ key, mark }) => {
      const parsed = markSchema.safeParse(JSON.parse(mark));
      if (!parsed.success) {
        this.#log.warn({ key }, 'a mark of an output is not understood and is dropped');
        void this.#tracked(this.#marks.clear(key));
        return [];
      }
      this.#newest.set(key, parsed.data);
      return [parsed.data];
    });
  }

  /** Durable when it resolves, or said not to be. */
  set(mark: OutputMark): Promise<void> {
    this.#newest.set(keyOf(mark), mark);
    return this.#tracked(this.#marks.set(keyOf(mark), JSON.stringify(mark)));
  }

  /** Takes a mark away, unless a newer one has taken its place: then `instead` is none of its business either. */
  async clear(mark: OutputMark, instead?: OutputMark): Promise<void> {
    const key = keyOf(mark);
    if (this.#newest.get(key) !== mark) return;
    if (instead !== undefined) return this.set(instead);
    this.#newest.delete(key);
    await this.#tracked(this.#marks.clear(key));
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Never rejects. */
  #tracked(work: Promise<void>): Promise<void> {
    const entry = work
      .catch((thrown: unknown) => {
        const error = asGatewayError(thrown);
        this.#log.warn({ code: error.code, err: error }, 'an output is remembered in memory only');
      })
      .finally(() => this.#underWay.delete(entry));
    this.#underWay.add(entry);
    return entry;
  }
}
