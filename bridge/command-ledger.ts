// Which commands were seen, and how they were answered: at most once, exactly one answer (DESIGN promise 2).
import type { ReplyMessage } from '../shared/messages.js';
import type { CommandJournal, Log } from '../shared/ports.js';
import { asGatewayError } from '../shared/errors.js';

export type Admission =
  /** Never seen: run it. */
  | { readonly kind: 'run' }
  /** It runs now; its answer will come once, for both. Never rejects. */
  | { readonly kind: 'running'; readonly reply: Promise<string> }
  | { readonly kind: 'answered'; readonly reply: string }
  /** Begun by a process that ended before it could answer. */
  | { readonly kind: 'interrupted' };

/** In memory, beside the journal on disk: repeats mostly come within seconds. */
const REMEMBERED_REPLIES = 1000;

/** A command under way, and whoever waits for its answer. */
interface Running {
  readonly reply: Promise<string>;
  readonly end: (reply: string) => void;
}

function newRunning(): Running {
  let end: Running['end'] = () => undefined;
  const reply = new Promise<string>((resolve) => {
    end = resolve;
  });
  return { reply, end };
}

export class CommandLedger {
  readonly #journal: CommandJournal;
  readonly #boot: string;
  readonly #log: Log;
  readonly #running = new Map<string, Running>();
  readonly #replies = new Map<string, string>();

  constructor(journal: CommandJournal, boot: string, log: Log) {
    this.#journal = journal;
    this.#boot = boot;
    this.#log = log;
  }

  /** Takes a command in. Only after `run` may it be executed, and then `close` must follow. */
  async open(key: string): Promise<Admission> {
    const running = this.#running.get(key);
    if (running !== undefined) return { kind: 'running', reply: running.reply };
    const reply = this.#replies.get(key);
    if (reply !== undefined) return { kind: 'answered', reply };
    this.#running.set(key, newRunning());
    const admission = await this.#fromJournal(key);
    if (admission.kind === 'answered') this.#end(key, admission.reply);
    return admission;
  }

  /**
   * Keeps the answer: from now on a repeat gets it, after a restart too. Unless the command was rejected: it never
   * ran, and a sender that tries again later (the bus was down, the queue full, the gateway stopping) means it.
   */
  async close(key: string, message: ReplyMessage): Promise<void> {
    const reply = JSON.stringify(message);
    const wasRejected = message.status === 'rejected';
    if (!wasRejected) this.#remember(key, reply);
    this.#end(key, reply);
    try {
      if (wasRejected) await this.#journal.forget(key);
      else await this.#journal.finish(key, reply);
    } catch (thrown) {
      this.#logLost(thrown);
    }
  }

  /**
   * Without a journal (disk full) a command still runs: a pump that can't be switched off for lack of disk space
   * is worse than one that may be switched off twice after a crash.
   */
  async #fromJournal(key: string): Promise<Admission> {
    try {
      const memory = await this.#journal.begin(key, this.#boot);
      if (memory.state === 'answered') return { kind: 'answered', reply: memory.reply };
      return memory.state === 'begun' ? { kind: 'interrupted' } : { kind: 'run' };
    } catch (thrown) {
      this.#logLost(thrown);
      return { kind: 'run' };
    }
  }

  #remember(key: string, reply: string): void {
    this.#replies.set(key, reply);
    for (const oldest of this.#replies.keys()) {
      if (this.#replies.size <= REMEMBERED_REPLIES) break;
      this.#replies.delete(oldest);
    }
  }

  #end(key: string, reply: string): void {
    this.#running.get(key)?.end(reply);
    this.#running.delete(key);
  }

  #logLost(thrown: unknown): void {
    const error = asGatewayError(thrown);
    this.#log.warn({ code: error.code, err: error }, 'a command is remembered in memory only');
  }
}
