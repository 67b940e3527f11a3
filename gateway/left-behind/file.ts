// `retained.json` in the data folder: which topics are retained in this gateway's name, and at which broker, so that
// the next run knows what has to go. Written before the first of them is said, whole, beside the one it replaces.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../../shared/ports.js';
import { fit } from '../../shared/config/fit.js';
import { replaceFile } from '../process/replace-file.js';

const place = z.object({
  /** The broker's, without credentials; `embedded` for the own one. */
  address: z.string(),
  /** The name it was reached under. */
  user: z.string().optional(),
  /** The gateway's, there. */
  statusTopic: z.string(),
  /** Epoch ms. */
  usedTs: z.number(),
  /** Topic and shape. */
  topics: z.array(z.tuple([z.string(), z.string()])),
  /** Device → its first id, of those that were renamed. */
  formerIds: z.record(z.string(), z.string()).optional(),
  /** Topic → what its payload had many of, and what of that is gone. */
  parts: z.record(z.string(), z.array(z.string())).optional(),
});

const kept = z.object({
  /** Of the last runs with this folder, the newest first. */
  boots: z.array(z.string()),
  /** The last run said at its end that nobody asks its devices any more. */
  saidGoodbye: z.boolean(),
  places: z.array(place),
});

export type KeptPlace = z.infer<typeof place>;
export type KeptRetained = z.infer<typeof kept>;

const FILE = 'retained.json';
const NOTHING: KeptRetained = { boots: [], saidGoodbye: true, places: [] };

export class RetainedFile {
  readonly #path: string;
  readonly #log: Pick<Log, 'warn'>;
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string, log: Pick<Log, 'warn'>) {
    this.#path = join(dataDir, FILE);
    this.#log = log;
  }

  /** Never rejects: what cannot be read is as if it had never been written, and said. */
  async read(): Promise<KeptRetained> {
    try {
      const found = fit(kept, JSON.parse(await readFile(this.#path, 'utf8')));
      if (found.success) return found.data;
      this.#log.warn(
        { file: this.#path, why: found.problems.slice(0, 1) },
        'what was retained before is not known: its file is damaged',
      );
      return NOTHING;
    } catch (err) {
      if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return NOTHING;
      this.#log.warn(
        { err, file: this.#path },
        'what was retained before is not known: its file cannot be read',
      );
      return NOTHING;
    }
  }

  /** One at a time. Never rejects: on a full disk the gateway works on, and what it retains then may stay. */
  async write(next: KeptRetained): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      try {
        await replaceFile(this.#path, `${JSON.stringify(next)}\n`);
      } catch (err) {
        this.#log.warn(
          { err, file: this.#path },
          'what is retained cannot be written down; it may stay when it should go',
        );
      }
    });
    return this.#writing;
  }
}
