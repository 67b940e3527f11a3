// The CommandJournal port over the command log: what is new is told from what came before without asking the store's thread,
// which is asked only where it may know more.
import type {
  CommandJournal,
  CommandJournalStats,
  CommandMemory,
  IncomingCommand,
  LeftCommand,
  UnsaidAnswer,
} from '../../../shared/command-journal.js';
import type { JournalLimits } from '../commands/table.js';
import type { StoreLink } from '../thread/link.js';
import type { JournalStart } from '../commands/moved-records.js';
import { KnownKeys } from './known-keys.js';
import type { NumberedRecord } from '../rows/command-record.js';
import type { CommandLogWriter } from './writer.js';

export interface LoggedJournalOptions {
  readonly link: Pick<StoreLink, 'call'>;
  readonly writer: CommandLogWriter;
  readonly limits: JournalLimits;
  /** So long the id of a command that ran is that command's. */
  readonly withinMs: number;
}

/** A command that is not answered. */
interface Open {
  readonly position: number;
  readonly chars: number;
}

/** Of the limits for what is not answered: above it the table is asked, which knows them to the letter. */
const SHARE = 1 / 2;
/** Keys are learnt anew when there are so many times more of them than the table keeps. */
const KEYS_PER_ROW = 3;

export class LoggedJournal implements CommandJournal {
  readonly #options: LoggedJournalOptions;
  readonly #known: KnownKeys;
  /** Not answered, by their keys. */
  readonly #open = new Map<string, Open>();
  #openChars = 0;
  #lastPosition = 0;

  constructor(options: LoggedJournalOptions) {
    this.#options = options;
    this.#known = new KnownKeys(KEYS_PER_ROW * options.limits.commands);
  }

  /** As the table was found: a position, once given, is never given again. */
  open({ keyHashes, lastPosition }: JournalStart, left: readonly NumberedRecord[]): void {
    this.#known.learn(keyHashes);
    this.#lastPosition = Math.max(lastPosition, ...left.map(positionOf));
    for (const record of left) if ('accept' in record) this.#known.add(record.accept.key);
    this.#open.clear();
    this.#openChars = 0;
  }

  async accept(command: IncomingCommand): Promise<CommandMemory> {
    const { writer } = this.#options;
    this.#lastPosition += 1;
    const position = this.#lastPosition;
    if (this.#mayBeKnown(command) || this.#isCrowded) return this.#ask(command, position);
    this.#known.add(command.key);
    if (command.reply === undefined) this.#began(command.key, position, command.body.length);
    try {
      await writer.append({ accept: command, position });
    } catch (thrown) {
      this.#ended(command.key);
      throw thrown;
    }
    return { state: 'new', position };
  }

  async begin(keys: readonly string[]): Promise<void> {
    await this.#options.writer.append({ begin: keys });
  }

  async finish(key: string, reply: string, mayRunAgain: boolean): Promise<number> {
    const { writer } = this.#options;
    const open = this.#open.get(key);
    if (open === undefined) return 0;
    this.#ended(key);
    await writer.append({ finish: { key, reply, mayRunAgain } });
    writer.flushSoon();
    return open.position;
  }

  async said(positions: readonly number[]): Promise<void> {
    await this.#options.writer.append({ said: positions });
  }

  flushed(): Promise<void> {
    return this.#options.writer.flushed();
  }

  async left(boot: string, after: number, limit: number): Promise<readonly LeftCommand[]> {
    const { link, writer } = this.#options;
    await writer.moved();
    const left = await link.call('left', { boot, after, limit });
    for (const { key, position, body } of left) this.#began(key, position, body.length);
    return left;
  }

  async unsaid(after: number, limit: number): Promise<readonly UnsaidAnswer[]> {
    const { link, writer } = this.#options;
    await writer.moved();
    return link.call('unsaid', { after, limit });
  }

  async stats(): Promise<CommandJournalStats> {
    const { link, writer } = this.#options;
    await writer.moved();
    return link.call('journalStats', null);
  }

  /** One that comes again under its packet identifier is looked for by that. */
  #mayBeKnown({ key, delivery }: IncomingCommand): boolean {
    return delivery?.again === true || this.#known.has(key);
  }

  /** Near the limits only the table knows whether there is room. */
  get #isCrowded(): boolean {
    const { commands, commandChars } = this.#options.limits;
    return this.#open.size >= commands * SHARE || this.#openChars >= commandChars * SHARE;
  }

  async #ask(command: IncomingCommand, position: number): Promise<CommandMemory> {
    const { link, writer, withinMs } = this.#options;
    await writer.moved();
    if (this.#known.isOverfull) this.#known.learn(await link.call('keyHashes', null));
    const memory = await link.call('accept', { command, withinMs, position }, command.body.length);
    if (memory.state !== 'new') return memory;
    this.#known.add(command.key);
    if (command.reply === undefined) this.#began(command.key, position, command.body.length);
    return memory;
  }

  #began(key: string, position: number, chars: number): void {
    this.#open.set(key, { position, chars });
    this.#openChars += chars;
  }

  #ended(key: string): void {
    this.#openChars -= this.#open.get(key)?.chars ?? 0;
    this.#open.delete(key);
  }
}

function positionOf(record: NumberedRecord): number {
  return 'accept' in record ? record.position : 0;
}
