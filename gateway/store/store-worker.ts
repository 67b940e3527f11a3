// The local store as one component: outbox, command journal and local history, in one file, behind one thread.
import type { WhenFull } from '../../shared/config/config.js';
import type { GatewayError } from '../../shared/errors.js';
import type {
  Clock,
  ClockCorrection,
  CommandJournal,
  Component,
  Log,
  OutputMarks,
  SampleCorrector,
} from '../../shared/ports.js';
import type { RoomLimits } from './disk-room.js';
import { makeDataFolder } from './data-folder.js';
import { DurableOutbox } from './durable-outbox.js';
import { DurableLogbook } from './durable-logbook.js';
import { LocalHistory, type HistoryRetention } from './local-history.js';
import type { OutboxLimits } from './outbox-table.js';
import type { LogbookLimits } from './logbook-table.js';
import { asideSentence } from './set-aside.js';
import { StoreLink, type LinkLimits } from './store-link.js';
import { StoreReader } from './store-reader.js';
import { storePath } from './store-file.js';

export interface StoreLimits extends OutboxLimits, LogbookLimits, LinkLimits, RoomLimits {
  /** Commands remembered; beyond it the oldest are forgotten. */
  readonly commands: number;
}

const MB = 1024 * 1024;

/** A million samples are about 150 MB on disk and eleven days of one sample a second. */
export const DEFAULT_STORE_LIMITS: StoreLimits = {
  outboxRows: 1_000_000,
  deadLetters: 10_000,
  commands: 10_000,
  minFreeBytes: 50 * MB,
  maxBytes: 1024 * MB,
  ballastBytes: 8 * MB,
  logbookRows: 100_000,
  waitingCalls: 20_000,
  waitingChars: 32 * MB,
  threadHeapMb: 256,
};

export interface StoreWorkerOptions {
  /** Made where it is missing. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told once when the thread died after it had started; every call rejects from then on. */
  readonly onFailure: (error: GatewayError) => void;
  readonly limits?: Partial<StoreLimits>;
  readonly retention?: HistoryRetention;
  /** What happens to new samples where there is no room; default `refuse`. */
  readonly whenFull?: WhenFull;
  /** Least time between two commits, to spare flash; default 0: the next begins when the last has ended. */
  readonly commitSpacingMs?: number;
  /** How long a stop waits for the last commit. */
  readonly stopDeadlineMs?: number;
}

export class StoreWorker implements Component, SampleCorrector {
  readonly name = 'store';
  readonly outbox: DurableOutbox;
  readonly journal: CommandJournal;
  readonly outputs: OutputMarks;
  readonly history: LocalHistory;
  readonly logbook: DurableLogbook;
  readonly #options: StoreWorkerOptions;
  readonly #limits: StoreLimits;
  readonly #link: StoreLink;
  readonly #reader: StoreReader;
  #setAside: string | undefined;

  constructor(options: StoreWorkerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_STORE_LIMITS, ...options.limits };
    this.#link = new StoreLink(this.#limits, options.onFailure);
    this.#reader = new StoreReader(this.#link, this.#limits.threadHeapMb);
    this.outbox = new DurableOutbox(this.#link, this.#reader, options.clock, options.log);
    this.history = new LocalHistory(this.#link, this.#reader, options.clock, options.retention ?? {});
    this.journal = journalOver(this.#link);
    this.outputs = marksOver(this.#link);
    const keepMs = options.retention?.keepMs;
    this.logbook = new DurableLogbook(this.#link, options.clock, options.log, keepMs);
  }

  /** Path of the damaged file that was found and set aside at the start. */
  get setAside(): string | undefined {
    return this.#setAside;
  }

  /** Rejects with data_unwritable, sqlite_missing or store_failed. */
  async start(): Promise<void> {
    const { dataDir, log, whenFull = 'refuse', commitSpacingMs = 0 } = this.#options;
    await makeDataFolder(dataDir);
    const path = storePath(dataDir);
    const { setAside, ...opened } = await this.#link.open({
      ...{ path, whenFull, commitSpacingMs },
      limits: this.#limits,
    });
    this.#reader.open(path);
    this.#setAside = setAside;
    if (setAside !== undefined) log.error({ setAside }, asideSentence(setAside));
    log.info({ path, ...opened }, 'store opened');
  }

  async correctClock(correction: ClockCorrection): Promise<number> {
    return this.#link.call('correct', correction);
  }

  /** What was asked before is committed; a disk that hangs is given up after the deadline. */
  async stop(): Promise<void> {
    const { clock, log, stopDeadlineMs = 3000 } = this.#options;
    const cancel = clock.after(stopDeadlineMs, () => {
      log.warn({ stopDeadlineMs }, 'the store did not close in time and is ended');
      void this.#link.kill();
    });
    await this.#reader.close();
    await this.#link.close();
    cancel();
  }
}

function journalOver(link: StoreLink): CommandJournal {
  return {
    begin: (key, boot) => link.call('begin', { key, boot }),
    finish: async (key, reply) => {
      await link.call('finish', { key, reply });
    },
    forget: async (key) => {
      await link.call('forget', { key });
    },
  };
}

function marksOver(link: StoreLink): OutputMarks {
  return {
    set: async (key, mark) => {
      await link.call('setMark', { key, mark });
    },
    clear: async (key) => {
      await link.call('clearMark', { key });
    },
    all: () => link.call('marks', null),
  };
}
