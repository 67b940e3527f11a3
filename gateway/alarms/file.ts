// `alarms.json` in the data folder: which alarms are raised, so that a restart neither forgets nor raises them again. A file of
// its own: it is written also while the store is damaged or full. Only what changes is written, and at most once a second.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AlarmMemory } from '../../bridge/alarms/keeper.js';
import type { KeptAlarm } from '../../bridge/alarms/board.js';
import { fit } from '../../shared/config/fit.js';
import type { Clock, Log } from '../../shared/ports.js';
import { replaceFile } from '../process/replace-file.js';

const FILE = 'alarms.json';
/** A value that swings about its limit must not wear a card out. */
const BETWEEN_WRITES_MS = 1000;

const acknowledged = z.object({ by: z.string(), ts: z.number(), note: z.string().exactOptional() });

const kept = z.object({
  alarms: z.array(
    z.object({
      device: z.string(),
      alarm: z.string(),
      since: z.number(),
      value: z.union([z.number(), z.boolean(), z.string(), z.null()]),
      acknowledged: acknowledged.exactOptional(),
    }),
  ),
});

export class AlarmFile implements AlarmMemory {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #next: readonly KeptAlarm[] | undefined;
  #writing: Promise<void> | undefined;
  #writtenMs = Number.NEGATIVE_INFINITY;
  #complained = false;

  constructor(dataDir: string, clock: Clock, log: Log) {
    this.#path = join(dataDir, FILE);
    this.#clock = clock;
    this.#log = log;
  }

  /** Never rejects: what cannot be read is as if nothing had been raised, and said. */
  async load(): Promise<readonly KeptAlarm[]> {
    try {
      const found = fit(kept, JSON.parse(await readFile(this.#path, 'utf8')));
      if (found.success) return found.data.alarms;
      this.#log.warn(
        { file: this.#path, why: found.problems.slice(0, 1) },
        'which alarms were raised is not known: the file is damaged',
      );
    } catch (err) {
      if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return [];
      this.#log.warn(
        { err, file: this.#path },
        'which alarms were raised is not known: the file cannot be read',
      );
    }
    return [];
  }

  /** Never rejects: on a full disk alarms work on, and a restart may raise them again. */
  save(alarms: readonly KeptAlarm[]): Promise<void> {
    this.#next = alarms;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** What is newest when its turn comes, until there is nothing newer. */
  async #write(): Promise<void> {
    while (this.#next !== undefined) {
      await this.#pause(this.#writtenMs + BETWEEN_WRITES_MS - this.#clock.monotonicMs());
      const alarms = this.#next;
      this.#next = undefined;
      this.#writtenMs = this.#clock.monotonicMs();
      try {
        await replaceFile(this.#path, `${JSON.stringify({ alarms })}\n`);
        this.#complained = false;
      } catch (err) {
        if (!this.#complained)
          this.#log.warn(
            { err, file: this.#path },
            'which alarms are raised cannot be written down; a restart may raise them again',
          );
        this.#complained = true;
      }
    }
  }

  #pause(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }
}
