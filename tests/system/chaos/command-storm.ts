// Commands without an end, each with a number of its own that is seen on the wire, from clients that do as the standard says.
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DutifulSender } from '../../support/mqtt/dutiful-sender.js';
import type { Random } from '../../support/random.js';

export const ROOT = 'iot/storm';
const DEVICES = ['one', 'two'];
const UNDER_WAY = 8;
const PAUSE_MS = 15;
/** A broker that keeps what comes while the gateway is away would be given thousands. */
const MOST_UNANSWERED = 40;
/** One in so many has no id: it can only be looked for on the wire. */
const NAMELESS_OF = 6;

export interface SentCommand {
  readonly n: number;
  readonly id: string | undefined;
  acknowledged: boolean;
}

export class CommandStorm {
  readonly sent: SentCommand[] = [];
  readonly #sender: DutifulSender;
  readonly #random: Random;
  readonly #firstN: number;
  readonly #withNameless: boolean;
  readonly #isAnswered: (id: string) => boolean;
  readonly #underWay = new Set<Promise<void>>();
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(t: TestContext, { port, random, index, withNameless, isAnswered }: StormOptions) {
    this.#sender = new DutifulSender(t, port, `storm-${String(index)}`);
    this.#random = random;
    this.#firstN = index * 1_000_000;
    this.#withNameless = withNameless;
    this.#isAnswered = isAnswered;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when all that was sent is acknowledged. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    await Promise.all(this.#underWay);
  }

  /** The same command again, as a program does that has waited for its answer in vain. */
  again({ n, id }: SentCommand): Promise<void> {
    return this.#sender.publish(topicOf(n), textOf(n, id));
  }

  #isBehind(): boolean {
    if (this.#stopping) return false;
    const recent = this.sent.slice(-2 * MOST_UNANSWERED);
    const open = recent.filter(({ id }) => id !== undefined && !this.#isAnswered(id));
    return this.#underWay.size >= UNDER_WAY || open.length >= MOST_UNANSWERED;
  }

  async #run(): Promise<void> {
    for (let n = this.#firstN; !this.#stopping; n += 1) {
      while (this.#isBehind()) await sleep(PAUSE_MS);
      const isNameless = this.#withNameless && this.#random.int(NAMELESS_OF) === 0;
      const command: SentCommand = { n, id: isNameless ? undefined : `id-${String(n)}`, acknowledged: false };
      this.sent.push(command);
      const publishing = this.again(command)
        .then(() => {
          command.acknowledged = true;
        })
        .finally(() => this.#underWay.delete(publishing));
      this.#underWay.add(publishing);
      await sleep(PAUSE_MS);
    }
  }
}

export interface StormOptions {
  readonly port: number;
  readonly random: Random;
  readonly index: number;
  readonly withNameless: boolean;
  readonly isAnswered: (id: string) => boolean;
}

/** The bytes of a command on the wire, as the log of writes has them. */
export function onTheWire(n: number): string {
  return `${n % 2 === 0 ? '08' : '09'}20${n.toString(16).padStart(8, '0')}`;
}

function topicOf(n: number): string {
  return `${ROOT}/device/${String(DEVICES[n % 2])}/command/set`;
}

function textOf(n: number, id: string | undefined): string {
  return JSON.stringify({ ...(id === undefined ? {} : { id }), args: { n } });
}

export const STORM_TYPES = `
types:
  counter:
    samples: [{ every: 200ms, write: [0x10], read: 2, fields: { level: { type: uint16le } } }]
    commands: { set: { args: { n: { type: uint32be } }, write: [0x20, $n] } }
devices:
  one: { type: counter, bus: main, address: 0x08 }
  two: { type: counter, bus: main, address: 0x09 }
`;
