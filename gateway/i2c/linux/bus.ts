// A Linux I²C bus as the OwnedI2cBus port. The driver's blocking calls happen in a process of the bus's own.
import { GatewayError } from '../../../shared/errors.js';
import type { Passage } from '../../../shared/passage.js';
import type { Clock, I2cTransaction, Log, OwnedI2cBus, TransferOptions } from '../../../shared/ports.js';
import { hexAddress } from './bus-path.js';
import { BusLink, errorOf } from './bus-link.js';
import { numberAfter, type BusAnswer } from './bus-protocol.js';
import { HangWatch } from './hang-watch.js';
import { checkTransaction } from './limits.js';

export interface LinuxBusLimits {
  /** A transaction that takes longer is said to hang. */
  readonly patienceMs: number;
  /** A process that has not opened its bus by then is given up. */
  readonly openWithinMs: number;
  /** A close that takes longer gives the bus process up. Below the two seconds that the supervisor has for a part. */
  readonly closeWithinMs: number;
  /** Transactions that may be handed over and not answered yet; the queue in front needs one or two. */
  readonly handed: number;
}

export const DEFAULT_LINUX_BUS_LIMITS: LinuxBusLimits = {
  patienceMs: 2000,
  openWithinMs: 20_000,
  closeWithinMs: 1500,
  handed: 64,
};

export interface LinuxBusOptions {
  readonly path: string;
  /** The module whose `openPromisified` opens the bus, as i2c-bus does. */
  readonly driver: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told once when the bus process ended by itself; every transfer rejects from then on. */
  readonly onFailure: (error: GatewayError) => void;
  /** Told once for each transaction that takes longer than the patience. */
  readonly onHang: (transaction: I2cTransaction) => void;
  readonly limits: LinuxBusLimits;
}

interface Handed {
  readonly transaction: I2cTransaction;
  readonly passage: Passage | undefined;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: GatewayError) => void;
}

export class LinuxBus implements OwnedI2cBus {
  /** The process of the bus begins the next transaction by itself; the wire does not wait for the gateway's turn. */
  readonly takesAhead = 1;
  readonly #options: LinuxBusOptions;
  readonly #link: BusLink;
  readonly #watch: HangWatch;
  /** In the order in which they are run: the first is on the wire. */
  readonly #handed = new Map<number, Handed>();
  #lastId = 0;
  /** Why transfers are refused; undefined while the bus is open. */
  #refusal: GatewayError | undefined = new GatewayError('closed', 'The bus is not open.');
  #closing: Promise<void> | undefined;
  #tellEnd: () => void = () => undefined;

  constructor(options: LinuxBusOptions) {
    this.#options = options;
    const { path, driver, clock, log, onHang, limits } = options;
    this.#watch = new HangWatch({ clock, log, onHang, patienceMs: limits.patienceMs });
    this.#link = new BusLink(path, driver, {
      onAnswer: (answer) => {
        this.#settle(answer);
      },
      onEnd: (error) => {
        this.#ended(error);
      },
    });
  }

  /** Once. Rejects with config_invalid or bus_unavailable, in a sentence that says what to do. */
  async open(): Promise<void> {
    const { clock, path, limits } = this.#options;
    const cancel = clock.after(limits.openWithinMs, () => {
      const seconds = String(limits.openWithinMs / 1000);
      const late = `${path} was not open within ${seconds} s: its driver or its process hangs.`;
      this.#link.abandon(new GatewayError('bus_unavailable', late));
    });
    try {
      await this.#link.start();
    } finally {
      cancel();
    }
    this.#refusal = undefined;
    this.#options.log.info({ path: this.#options.path }, 'I²C bus opened');
  }

  /**
   * The next transaction may be handed over while one runs: it starts the moment the wire is free. Settles only when
   * the transaction has really ended, however long that takes; after `close` was given up, with `timeout`.
   * Rejects with no_ack, timeout, bus_fault, bus_unavailable, address_claimed, unsupported, too_large, queue_full, closed.
   */
  async transfer(transaction: I2cTransaction, { passage }: TransferOptions = {}): Promise<Uint8Array> {
    if (this.#refusal !== undefined) throw this.#refusal;
    checkTransaction(transaction);
    const { handed } = this.#options.limits;
    if (this.#handed.size >= handed)
      throw new GatewayError('queue_full', `${String(handed)} transactions wait for ${this.#options.path}.`);
    passage?.handOver();
    return new Promise((resolve, reject) => {
      this.#lastId = numberAfter(this.#lastId);
      const handed = { transaction, passage, resolve, reject };
      this.#handed.set(this.#lastId, handed);
      if (this.#handed.size === 1) this.#begins(handed);
      this.#link.send({ id: this.#lastId, transaction });
    });
  }

  /** Resolves when what was handed over has ended and the bus is closed, or `closeWithinMs` has passed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A process that hangs in a system call is gone only when that has returned, SIGKILL or not. */
  get ended(): Promise<void> {
    return this.#link.exited;
  }

  async #close(): Promise<void> {
    if (this.#refusal !== undefined) return;
    this.#refusal = new GatewayError('closed', `The bus ${this.#options.path} is closed.`);
    const { clock, log, path, limits } = this.#options;
    const cancel = clock.after(limits.closeWithinMs, () => {
      log.warn({ path, waiting: this.#handed.size }, 'the bus did not close in time and is given up');
      const hung = `${path} hung while it was closed; whether the device acted is unknown.`;
      this.#link.abandon(new GatewayError('timeout', hung));
    });
    const ended = new Promise<void>((resolve) => {
      this.#tellEnd = resolve;
    });
    this.#link.close();
    await ended;
    cancel();
  }

  /** The process goes from one to the next by itself; that it has is known when the one before is answered. */
  #begins({ transaction, passage }: Handed): void {
    this.#watch.begin(transaction);
    passage?.begin();
  }

  #settle(answer: BusAnswer): void {
    const handed = this.#handed.get(answer.id);
    if (handed === undefined) return;
    const ms = this.#watch.end();
    this.#handed.delete(answer.id);
    const [next] = this.#handed.values();
    if ('failure' in answer && answer.failure.untried === true) handed.passage?.neverLeft();
    if (next !== undefined) this.#begins(next);
    this.#report(handed.transaction, answer, ms);
    if ('bytes' in answer) handed.resolve(answer.bytes);
    else handed.reject(errorOf(answer.failure));
  }

  #ended(error: GatewayError): void {
    const unexpected = this.#refusal === undefined;
    this.#refusal ??= error;
    this.#watch.end();
    // It ends one inside the driver's wait at the end of that wait, before the next begins.
    const { path } = this.#options;
    const message = `This transaction stood behind one that ended the bus ${path}, and never began.`;
    const ahead = new GatewayError('overdue', message, { cause: error, untried: true });
    for (const [index, { reject }] of [...this.#handed.values()].entries())
      reject(index === 0 ? error : ahead);
    this.#handed.clear();
    this.#tellEnd();
    if (unexpected) this.#options.onFailure(error);
  }

  #report({ address, write }: I2cTransaction, answer: BusAnswer, ms: number): void {
    const outcome =
      'bytes' in answer
        ? { outcome: 'ok', read: hex(answer.bytes) }
        : { outcome: answer.failure.code, reason: answer.failure.message };
    const sent = write === undefined ? {} : { write: hex(write) };
    this.#options.log.debug({ address: hexAddress(address), ...sent, ...outcome, ms }, 'transaction');
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
