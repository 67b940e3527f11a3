// Which commands were seen, and how they were answered: at most once, exactly one answer (docs/promises.md, 2).
import {
  idKey,
  type CommandJournal,
  type CommandMeaning,
  type DeliveryMark,
  type IncomingCommand,
  type LeftCommand,
  type Moment,
} from '../../shared/command-journal.js';
import { asGatewayError } from '../../shared/errors.js';
import type { ReplyMessage } from '../../shared/messages.js';
import type { Log } from '../../shared/ports.js';
import { meansTheSame, repetitionOf } from '../../shared/repeat-rule.js';
import { BeginAhead } from './begin-ahead.js';

/** A command that is in order and may run, unless it came before. */
export interface AskedCommand {
  readonly id: string;
  readonly meaning: CommandMeaning & { readonly asked: string };
  readonly delivery?: DeliveryMark;
  /** What it takes to run it later: JSON text. */
  readonly body: string;
}

/** One that is refused unheard, with its answer. */
export interface RefusedCommand extends Omit<AskedCommand, 'id'> {
  /** Of its own, no id. */
  readonly key: string;
  readonly reply: string;
}

interface Kept {
  /** Where it is kept; nowhere when the disk takes nothing. */
  readonly position?: number;
}

export interface KeptRefusal extends Kept {
  /** The answer that it had when it came first. */
  readonly earlier?: string | undefined;
}

export type Admission =
  /** Never seen: run it. No kill takes it, or the disk takes nothing. */
  | { readonly kind: 'run' }
  /** It runs now; its answer will come once, for both. Never rejects. */
  | { readonly kind: 'running'; readonly reply: Promise<string> }
  | { readonly kind: 'answered'; readonly reply: string }
  /** The id is another command's. */
  | { readonly kind: 'reused'; readonly device: string; readonly name: string }
  /** It was begun, and its answer could not be written down. */
  | { readonly kind: 'interrupted' };

export interface CommandLedgerOptions {
  readonly journal: CommandJournal;
  readonly boot: string;
  readonly log: Log;
  readonly now: () => Moment;
  /** So long the id of a command that ran is that command's. */
  readonly withinMs: number;
}

/** Where the disk takes nothing: so many are remembered in memory alone. */
const REMEMBERED = 1000;
const LEFT_AT_ONCE = 200;

/** A command under way, and whoever waits for its answer. */
interface Running {
  readonly meaning: CommandMeaning;
  readonly reply: Promise<string>;
  readonly end: (reply: string) => void;
  /** Settles when it is kept, or can't be. */
  kept: Promise<unknown>;
}

interface Unkept {
  readonly meaning: CommandMeaning;
  readonly at: Moment;
  readonly reply: string;
  readonly mayRunAgain: boolean;
}

export class CommandLedger {
  readonly #options: CommandLedgerOptions;
  readonly #begun: BeginAhead;
  readonly #running = new Map<string, Running>();
  /** Answered, and not in the journal. */
  readonly #unkept = new Map<string, Unkept>();

  constructor(options: CommandLedgerOptions) {
    this.#options = options;
    this.#begun = new BeginAhead((keys) => options.journal.begin(keys), options.log);
  }

  /** Takes a command in. Only after `run` may it be executed, and then `close` must follow. Rejects with queue_full. */
  async open(asked: AskedCommand): Promise<Admission> {
    const key = idKey(asked.id);
    const { device } = asked.meaning;
    const at = this.#options.now();
    const running = this.#running.get(key);
    if (running !== undefined) {
      await running.kept;
      // It may have been no command of its own, or be answered by now.
      return this.#running.get(key) === running ? joined(running, asked.meaning) : this.open(asked);
    }
    const unkept = this.#fromMemory(key, asked.meaning, at);
    if (unkept !== undefined) return unkept;
    const own = newRunning(asked.meaning);
    this.#running.set(key, own);
    const begun = this.#begun.join(device, key);
    const admitting = this.#admit({ ...asked, key, at, begun, boot: this.#options.boot });
    own.kept = admitting.then(
      () => undefined,
      () => undefined,
    );
    let isOwn = false;
    try {
      const admission = await admitting;
      isOwn = admission.kind === 'run';
      return admission;
    } finally {
      if (!isOwn) {
        this.#begun.leave(device, key);
        this.#running.delete(key);
      }
    }
  }

  /** Keeps one that was refused unheard with its answer, so that it is told whatever happens; a redelivered one's first answer. */
  async keepRefused({ key, ...refused }: RefusedCommand): Promise<KeptRefusal> {
    const { journal, boot, now } = this.#options;
    try {
      const memory = await journal.accept({ ...refused, key, at: now(), boot, begun: false });
      if (memory.state === 'new') return { position: memory.position };
      return memory.state === 'known' ? { earlier: memory.reply } : {};
    } catch (thrown) {
      this.#logLost(thrown);
      return {};
    }
  }

  /** A command of an earlier process that may run now; `close` must follow. */
  reopen({ key, device, name }: LeftCommand): void {
    this.#running.set(key, newRunning({ device, name, asked: undefined }));
    this.#begun.rejoin(device, key);
  }

  /** Resolves when what was kept so far is on the disk, or can't be, and that is logged. */
  async flushed(): Promise<void> {
    try {
      await this.#options.journal.flushed();
    } catch (thrown) {
      this.#logLost(thrown);
    }
  }

  /** Resolves when the command of this id may go to the wire: no kill takes it any more that it has begun. */
  begin(device: string, id: string): Promise<void> {
    return this.#begun.turnOf(device, idKey(id));
  }

  /**
   * Keeps the answer: from now on a repeat gets it, after a restart too. Unless the command was rejected: it never
   * ran, and a sender that tries again later (the bus was down, the queue full, the gateway stopping) means it.
   * Resolves with its place in the journal.
   */
  async close(key: string, meaning: CommandMeaning, message: ReplyMessage): Promise<Kept> {
    const { journal, now } = this.#options;
    const reply = JSON.stringify(message);
    const mayRunAgain = message.status === 'rejected';
    this.#begun.leave(meaning.device, key);
    const finishing = journal.finish(key, reply, mayRunAgain);
    this.#running.get(key)?.end(reply);
    this.#running.delete(key);
    try {
      const position = await finishing;
      if (position > 0) return { position };
      this.#remember(key, { meaning, at: now(), reply, mayRunAgain });
    } catch (thrown) {
      this.#logLost(thrown);
      this.#remember(key, { meaning, at: now(), reply, mayRunAgain });
    }
    return {};
  }

  /** What earlier processes took and did not answer, oldest first: the next of it behind a position. */
  left(after: number): Promise<readonly LeftCommand[]> {
    return this.#options.journal.left(this.#options.boot, after, LEFT_AT_ONCE);
  }

  /**
   * Without a journal (disk full) a command still runs: a pump that can't be switched off for lack of disk space
   * is worse than one that may be switched off twice after a crash.
   */
  async #admit(command: IncomingCommand): Promise<Admission> {
    try {
      const memory = await this.#options.journal.accept(command);
      if (memory.state === 'new') return { kind: 'run' };
      if (memory.state === 'reused') return { kind: 'reused', device: memory.device, name: memory.name };
      if (memory.reply !== undefined) return { kind: 'answered', reply: memory.reply };
      return this.#underWay(memory.key, command);
    } catch (thrown) {
      if (asGatewayError(thrown).code === 'queue_full') throw thrown;
      this.#logLost(thrown);
      // One with this id may have ended while this one waited for the disk.
      return this.#fromMemory(command.key, command.meaning, command.at) ?? { kind: 'run' };
    }
  }

  /** In the journal it has no answer: it runs, or its answer could not be written down. */
  #underWay(key: string, { key: own, meaning, at }: IncomingCommand): Admission {
    const unkept = this.#fromMemory(key, meaning, at);
    if (unkept !== undefined) return unkept;
    const running = key === own ? undefined : this.#running.get(key);
    return running === undefined ? { kind: 'interrupted' } : { kind: 'running', reply: running.reply };
  }

  #fromMemory(key: string, meaning: CommandMeaning, at: Moment): Admission | undefined {
    const seen = this.#unkept.get(key);
    if (seen === undefined) return undefined;
    const repetition = repetitionOf({ ...seen, open: false }, { meaning, at }, this.#options.withinMs);
    if (repetition === 'same') return { kind: 'answered', reply: seen.reply };
    if (repetition === 'reused')
      return { kind: 'reused', device: seen.meaning.device, name: seen.meaning.name };
    this.#unkept.delete(key);
    return undefined;
  }

  #remember(key: string, unkept: Unkept): void {
    this.#unkept.set(key, unkept);
    for (const oldest of this.#unkept.keys()) {
      if (this.#unkept.size <= REMEMBERED) break;
      this.#unkept.delete(oldest);
    }
  }

  #logLost(thrown: unknown): void {
    const error = asGatewayError(thrown);
    this.#options.log.warn({ code: error.code, err: error }, 'a command is remembered in memory only');
  }
}

function joined({ meaning, reply }: Running, asked: CommandMeaning): Admission {
  const { device, name } = meaning;
  return meansTheSame(meaning, asked) ? { kind: 'running', reply } : { kind: 'reused', device, name };
}

function newRunning(meaning: CommandMeaning): Running {
  let end: Running['end'] = () => undefined;
  const reply = new Promise<string>((resolve) => {
    end = resolve;
  });
  return { meaning, reply, end, kept: Promise.resolve() };
}
