// The local store as one component: outbox, command journal and local history, in one file, behind one thread.
import type { WhenFull } from '../../../shared/config/config.js';
import type { GatewayError } from '../../../shared/errors.js';
import type { Clock, Component, Log } from '../../../shared/ports.js';
import type { ClockCorrection, OutputMarks, SampleCorrector } from '../../../shared/stores.js';
import type { CommandJournal } from '../../../shared/command-journal.js';
import type { JournalStart } from '../commands/moved-records.js';
import { commandLogPath, logAsideSentence, openCommandLog } from '../command-log/file.js';
import { LoggedJournal } from '../command-log/journal.js';
import { CommandLogWriter } from '../command-log/writer.js';
import { openingError, storePath } from '../file/store.js';
import type { JournalLimits } from '../commands/table.js';
import type { RoomLimits } from '../file/disk-room.js';
import { makeDataFolder } from '../file/data-folder.js';
import { DurableOutbox } from './outbox.js';
import { DurableLogbook } from './logbook.js';
import { LocalHistory } from './history.js';
import { RetentionKeeper } from './retention.js';
import type { OutboxLimits } from '../outbox/outbox.js';
import { aheadSentence } from '../file/open-ahead.js';
import type { LogbookLimits } from '../logbook/table.js';
import { upgradeSentence } from '../file/kept-copy.js';
import { asideSentence } from '../file/set-aside.js';
import { StoreLink, type LinkLimits } from '../thread/link.js';
import { StoreReader } from '../thread/reader.js';

export type StoreLimits = OutboxLimits & LogbookLimits & LinkLimits & RoomLimits & JournalLimits;

const MB = 1024 * 1024;
const REPEAT_WITHIN_MS = 600_000;

/** A million samples are about 150 MB on disk and eleven days of one sample a second. */
export const DEFAULT_STORE_LIMITS: StoreLimits = {
  outboxRows: 1_000_000,
  deadLetters: 10_000,
  commands: 10_000,
  commandChars: 16 * MB,
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
  readonly retention?: { readonly keepMs?: number };
  /** So long the id of a command that ran is that command's; default 10 minutes. */
  readonly repeatWithinMs?: number;
  /** What happens to new samples where there is no room; default `refuse`. */
  readonly whenFull?: WhenFull;
  /** Least time between two commits, to spare flash; default 0: the next begins when the last has ended. */
  readonly commitSpacingMs?: number;
  /** At the latest then what was appended lazily is on the disk; default 1 s. */
  readonly flushWithinMs?: number;
  /** How long a stop waits for the last commit. */
  readonly stopDeadlineMs?: number;
}

export class StoreWorker implements Component, SampleCorrector {
  readonly name = 'store';
  readonly outbox: DurableOutbox;
  readonly outputs: OutputMarks;
  readonly history: LocalHistory;
  readonly logbook: DurableLogbook;
  /** Started last and stopped first: parts that stop wait for what is being written, and not for a spacing. */
  readonly haste: Component;
  readonly #options: StoreWorkerOptions;
  readonly #journal: LoggedJournal;
  readonly #commands: CommandLogWriter;
  readonly #limits: StoreLimits;
  readonly #link: StoreLink;
  readonly #reader: StoreReader;
  readonly #retention: RetentionKeeper;
  #setAside: string | undefined;
  #damagedRows = 0;

  constructor(options: StoreWorkerOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.#limits = { ...DEFAULT_STORE_LIMITS, ...options.limits };
    this.#link = new StoreLink(this.#limits, options.onFailure);
    this.#reader = new StoreReader(this.#link, this.#limits.threadHeapMb);
    this.#retention = new RetentionKeeper({ ...options.retention, ...{ link: this.#link, clock, log } });
    const onAppend = (): void => {
      this.#retention.look();
    };
    const onDamaged = (): void => {
      this.#damagedRows += 1;
    };
    this.outbox = new DurableOutbox({
      link: this.#link,
      reader: this.#reader,
      clock,
      log,
      onAppend,
      onDamaged,
    });
    this.history = new LocalHistory(this.#link, this.#reader, this.#retention, onDamaged);
    this.#commands = new CommandLogWriter({ link: this.#link, clock, log, onBroken: options.onFailure });
    this.#journal = new LoggedJournal({
      ...{ link: this.#link, writer: this.#commands, limits: this.#limits },
      withinMs: options.repeatWithinMs ?? REPEAT_WITHIN_MS,
    });
    this.outputs = marksOver(this.#link);
    this.haste = {
      name: 'commits in haste',
      start: () => Promise.resolve(),
      stop: () => {
        this.#link.hurry();
        return Promise.resolve();
      },
    };
    const commands = this.#commands;
    this.logbook = new DurableLogbook({ link: this.#link, log, commands, onAppend, onDamaged });
  }

  get journal(): CommandJournal {
    return this.#journal;
  }

  /** Rows of the file that could not be read when they were asked for, and were left out of the answer. */
  get damagedRows(): number {
    return this.#damagedRows;
  }

  /** Path of the damaged file that was found and set aside at the start. */
  get setAside(): string | undefined {
    return this.#setAside;
  }

  /** Rejects with data_unwritable, sqlite_missing or store_failed. */
  async start(): Promise<void> {
    const { dataDir, log, whenFull = 'refuse' } = this.#options;
    const { commitSpacingMs = 0, flushWithinMs = 1000 } = this.#options;
    await makeDataFolder(dataDir);
    const path = storePath(dataDir);
    const { setAside, aheadSetAside, upgraded, journal, ...opened } = await this.#link.open({
      ...{ path, whenFull, commitSpacingMs, flushWithinMs },
      limits: this.#limits,
    });
    await this.#openCommandLog(commandLogPath(path), journal);
    this.#reader.open(path);
    await this.#retention.start();
    this.#setAside = setAside;
    if (setAside !== undefined) log.error({ setAside }, asideSentence(setAside));
    if (aheadSetAside !== undefined) log.error({ aheadSetAside }, aheadSentence(aheadSetAside));
    if (upgraded !== undefined) log.info({ ...upgraded }, upgradeSentence(upgraded.copy));
    log.info({ path, ...opened }, 'store opened');
  }

  /** What a kill has left in it goes into the tables first. */
  async #openCommandLog(path: string, journal: JournalStart): Promise<void> {
    try {
      const { file, left, setAside } = openCommandLog(path, new Date(), journal.mark);
      this.#commands.open(file, left);
      this.#journal.open(journal, left);
      await this.#commands.moved();
      if (setAside !== undefined) this.#options.log.error({ setAside }, logAsideSentence(setAside));
    } catch (thrown) {
      throw openingError(thrown, path);
    }
  }

  async correctClock(correction: ClockCorrection): Promise<number> {
    return this.#link.call('correct', correction);
  }

  /** What was asked before is committed; a disk that hangs is given up after the deadline. */
  async stop(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    const { clock, log } = this.#options;
    const stopDeadlineMs = Math.min(this.#options.stopDeadlineMs ?? 3000, withinMs * 0.75);
    const cancel = clock.after(stopDeadlineMs, () => {
      log.warn({ stopDeadlineMs }, 'the store did not close in time and is ended');
      void this.#link.kill();
    });
    this.#retention.stop();
    await this.#reader.close();
    await this.#commands.close();
    await this.#link.close();
    cancel();
  }
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
