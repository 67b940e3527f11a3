// Brings answers to their reply topics, and notes in the journal that they have left. What could not be published (an
// outside broker is away, too much waits) is tried again, by the next process too.
import { encodeJson, encodeText, type ReplyMessage } from '../../shared/messages.js';
import type { CommandJournal } from '../../shared/command-journal.js';
import { asGatewayError, type GatewayError } from '../../shared/errors.js';
import type { AnswerPlace, Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import { within } from '../../shared/within.js';
import type { Outlet } from '../messages/outlet.js';

export interface AnswerTellerOptions {
  readonly journal: Pick<CommandJournal, 'said' | 'unsaid'>;
  readonly outlet: Outlet;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Log;
}

/** An answer of a command of this device and name; with its place where it is in the journal. */
export interface Answer {
  readonly device: string;
  readonly name: string;
  readonly reply: string;
  readonly position?: number | undefined;
  /** The other place where it is wanted. */
  readonly answerTo?: AnswerPlace | undefined;
}

/** What has left is noted so much later, in one go: no answer waits for it, and a socket has had the time to send. */
const NOTE_AFTER_MS = 250;
const AGAIN_AFTER_MS = 5000;
const PAGE = 100;
/** A broker that hangs must not hold up a stop; what it did not take is told by the next process. */
const STOP_WITHIN_MS = 500;

export class AnswerTeller {
  readonly #options: AnswerTellerOptions;
  /** Commands whose answers are being written down, and will be told then. */
  readonly #coming = new Set<string>();
  /** Places of answers that are on their way, or have left and are not noted yet. */
  readonly #underWay = new Set<number>();
  #left: number[] = [];
  #noting: Promise<void> | undefined;
  #telling: Promise<void> | undefined;
  #cancelNote: (() => void) | undefined;
  #cancelAgain: (() => void) | undefined;
  #stopped = false;

  constructor(options: AnswerTellerOptions) {
    this.#options = options;
  }

  /** Begins with what earlier processes could not tell; not awaited, for a broker may be away for days. */
  start(): void {
    this.#stopped = false;
    this.#telling = this.#tellUnsaid();
  }

  /** Runs `keep`, which writes the answer to this key down: whoever looks for what is untold meanwhile passes it over. */
  async keeping<T extends { readonly position?: number | undefined }>(
    key: string,
    keep: () => Promise<T>,
  ): Promise<T> {
    this.#coming.add(key);
    try {
      const kept = await keep();
      if (kept.position !== undefined) this.#underWay.add(kept.position);
      return kept;
    } finally {
      this.#coming.delete(key);
    }
  }

  /** Resolves when the answer has left, or could not; never rejects. */
  async tell({ device, name, reply, position, answerTo }: Answer): Promise<void> {
    const { outlet, topics } = this.#options;
    if (position !== undefined) this.#underWay.add(position);
    const topic = topics.reply(device, name);
    const shorter = (error: GatewayError): Uint8Array => shortened(reply, error);
    const hasLeft = await outlet.answer(topic, encodeText(reply), shorter, answerTo);
    if (position === undefined) return;
    if (hasLeft) this.#noteLater(position);
    else {
      this.#underWay.delete(position);
      this.#tryAgainLater();
    }
  }

  /** Notes what has left so far; what is on its way has a moment for it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelAgain?.();
    this.#cancelAgain = undefined;
    this.#cancelNote?.();
    this.#cancelNote = undefined;
    await this.#noting;
    if (this.#telling !== undefined) await within(this.#telling, STOP_WITHIN_MS, this.#options.clock);
    await this.#note();
  }

  #noteLater(position: number): void {
    this.#left.push(position);
    if (this.#stopped) return;
    this.#cancelNote ??= this.#options.clock.after(NOTE_AFTER_MS, () => {
      this.#cancelNote = undefined;
      this.#noting = this.#note();
    });
  }

  async #note(): Promise<void> {
    const { journal, log } = this.#options;
    const left = this.#left;
    this.#left = [];
    if (left.length === 0) return;
    try {
      await journal.said(left);
    } catch (thrown) {
      const error = asGatewayError(thrown);
      log.warn({ code: error.code, err: error }, 'that answers were given could not be written down');
    }
    for (const position of left) this.#underWay.delete(position);
  }

  #tryAgainLater(): void {
    if (this.#stopped) return;
    this.#cancelAgain ??= this.#options.clock.after(AGAIN_AFTER_MS, () => {
      this.#cancelAgain = undefined;
      this.#telling = this.#tellUnsaid();
    });
  }

  /** Page by page, each when the one before has left; ends with the first that could not. */
  async #tellUnsaid(): Promise<void> {
    const { journal, log } = this.#options;
    try {
      let after = 0;
      while (!this.#stopped) {
        const page = await journal.unsaid(after, PAGE);
        const last = page.at(-1);
        if (last === undefined) return;
        after = last.position;
        const untold = page.filter(
          ({ key, position }) => !this.#coming.has(key) && !this.#underWay.has(position),
        );
        await Promise.all(untold.map((answer) => this.tell(answer)));
        if (this.#cancelAgain !== undefined) return;
      }
    } catch (thrown) {
      const error = asGatewayError(thrown);
      if (error.code === 'closed') return;
      log.warn({ code: error.code, err: error }, 'answers that wait could not be looked up');
      this.#tryAgainLater();
    }
  }
}

/** Of an answer that is too large for the broker: whose it is, and why no more of it came. */
function shortened(reply: string, error: GatewayError): Uint8Array {
  const { id, status, ts, ms } = JSON.parse(reply) as ReplyMessage;
  return encodeJson({ id, status, error: error.toBody(), ts, ms } satisfies ReplyMessage);
}
