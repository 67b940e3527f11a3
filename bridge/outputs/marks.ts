// What is remembered across a crash of an output that is not safe.
import { z } from 'zod';
import { asGatewayError } from '../../shared/errors.js';
import type { Log } from '../../shared/ports.js';
import type { OutputMarks } from '../../shared/stores.js';
import { fit } from '../../shared/config/fit.js';

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

function keyOf({ device, command }: Pick<OutputMark, 'device' | 'command'>): string {
  return `${device}/${command}`;
}

/** What is written to disk and what it takes to be there are not of one moment. */
const TOLERATED_MS = 1000;

/** Whether this mark on disk tells the next process the same. */
export function isAsGood(noted: OutputMark | undefined, mark: OutputMark): boolean {
  if (noted?.id !== mark.id || noted.stopped !== mark.stopped) return false;
  const [from, to] = [noted.until, mark.until];
  return from === undefined || to === undefined ? from === to : Math.abs(from - to) <= TOLERATED_MS;
}

/** Marks on their way to and from the disk. One that takes none is said, and stops no command. */
export class MarkKeeper {
  readonly #marks: OutputMarks;
  readonly #log: Log;
  readonly #underWay = new Set<Promise<void>>();

  constructor(marks: OutputMarks, log: Log) {
    this.#marks = marks;
    this.#log = log;
  }

  /** Those of earlier processes. */
  async load(): Promise<OutputMark[]> {
    const kept = await this.#marks.all();
    return kept.flatMap(({ key, mark }) => {
      const parsed = fit(markSchema, jsonOrNothing(mark));
      if (parsed.success) return [parsed.data];
      this.#log.warn({ key }, 'a mark of an output is not understood and is dropped');
      void this.#tracked(this.#marks.clear(key));
      return [];
    });
  }

  /** Durable when it resolves, or said not to be. */
  set(mark: OutputMark): Promise<void> {
    return this.#tracked(this.#marks.set(keyOf(mark), JSON.stringify(mark)));
  }

  clear(mark: OutputMark): Promise<void> {
    return this.#tracked(this.#marks.clear(keyOf(mark)));
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

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
