// `alarms.json` in the data folder: which alarms are raised, and who is still to be told, so that a restart neither forgets them
// nor raises them again. A file of its own: it is written also while the store is damaged or full. Only what changes is written, and at most once a second.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { KeptNotices, NoticeMemory } from '../../bridge/alarms/teller.js';
import type { AlarmMemory } from '../../bridge/alarms/keeper.js';
import type { KeptAlarm } from '../../bridge/alarms/board.js';
import { FACTS, type Fact } from '../../shared/alarms/sentence.js';
import { OCCASIONS, SEVERITIES } from '../../shared/alarms/spec.js';
import { fit } from '../../shared/config/fit.js';
import type { Clock, Log } from '../../shared/ports.js';
import { replaceFile } from '../process/replace-file.js';

const FILE = 'alarms.json';
/** A value that swings about its limit must not wear a card out. */
const BETWEEN_WRITES_MS = 1000;

const value = z.union([z.number(), z.boolean(), z.string(), z.null()]);
const acknowledged = z.object({ by: z.string(), ts: z.number(), note: z.string().exactOptional() });
const place = { device: z.string(), alarm: z.string(), since: z.number(), value };

const notice = z.object({
  ...place,
  id: z.string(),
  what: z.enum(OCCASIONS),
  ts: z.number(),
  severity: z.enum(SEVERITIES),
  message: z.string(),
  by: z.string().exactOptional(),
  note: z.string().exactOptional(),
  facts: z.record(z.enum(Object.keys(FACTS) as [Fact, ...Fact[]]), z.string()),
});

const kept = z.object({
  alarms: z.array(z.object({ ...place, acknowledged: acknowledged.exactOptional() })),
  /** What waits for each webhook. */
  notices: z.record(z.string(), z.array(notice)).default({}),
});

interface Kept {
  readonly alarms: readonly KeptAlarm[];
  readonly notices: KeptNotices;
}

export class AlarmFile {
  readonly raised: AlarmMemory = {
    load: async () => (await this.#load()).alarms,
    save: (alarms) => this.#save({ alarms }),
  };
  readonly untold: NoticeMemory = {
    load: async () => (await this.#load()).notices,
    save: (notices) => this.#save({ notices }),
  };
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #loading: Promise<Kept> | undefined;
  #now: Kept = { alarms: [], notices: {} };
  readonly #waiting: (() => void)[] = [];
  #isWriting = false;
  #writtenMs = Number.NEGATIVE_INFINITY;
  #complained = false;

  constructor(dataDir: string, clock: Clock, log: Log) {
    this.#path = join(dataDir, FILE);
    this.#clock = clock;
    this.#log = log;
  }

  /** Read once. Never rejects: what cannot be read is as if nothing had been raised, and said. */
  #load(): Promise<Kept> {
    this.#loading ??= this.#read().then((found) => {
      if (found !== undefined) this.#now = found;
      return this.#now;
    });
    return this.#loading;
  }

  async #read(): Promise<Kept | undefined> {
    try {
      const found = fit(kept, JSON.parse(await readFile(this.#path, 'utf8')));
      if (found.success) return found.data;
      this.#log.warn(
        { file: this.#path, why: found.problems.slice(0, 1) },
        'which alarms were raised is not known: the file is damaged',
      );
    } catch (err) {
      if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return undefined;
      this.#log.warn(
        { err, file: this.#path },
        'which alarms were raised is not known: the file cannot be read',
      );
    }
    return undefined;
  }

  /** Resolves with the write that it is in, not with later ones. Never rejects: on a full disk alarms work on. */
  #save(part: Partial<Kept>): Promise<void> {
    this.#now = { ...this.#now, ...part };
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1 && !this.#isWriting) void this.#write();
    });
  }

  /** What is newest when its turn comes, until nobody waits. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      await this.#pause(this.#writtenMs + BETWEEN_WRITES_MS - this.#clock.monotonicMs());
      const waited = this.#waiting.splice(0);
      this.#writtenMs = this.#clock.monotonicMs();
      await this.#replace(this.#now);
      for (const resolve of waited) resolve();
    }
    this.#isWriting = false;
  }

  /** Never rejects. */
  async #replace(now: Kept): Promise<void> {
    try {
      await replaceFile(this.#path, `${JSON.stringify(now)}\n`);
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

  #pause(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }
}
