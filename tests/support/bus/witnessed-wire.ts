// A wire that does what a story says, and a witness beside it who writes down what was on it, whatever the records say.
import { GatewayError } from '../../../shared/errors.js';
import type { Passage } from '../../../shared/passage.js';
import type { Clock, I2cTransaction, OwnedI2cBus, TransferOptions } from '../../../shared/ports.js';

/** `refused`: the kernel lets nothing of it out. */
export type Deed = 'answers' | 'no_ack' | 'bus_fault' | 'hangs' | 'refused';

export interface Plan {
  readonly does: Deed;
  readonly takesMs: number;
}

/** Bytes were on the wire. `of`: the first byte written. */
export interface Trip {
  readonly of: number;
  readonly address: number;
  readonly atMs: number;
  /** Its place among all that happens in the story. */
  readonly moment: number;
  /** What it came to. */
  does: Deed;
}

const CLOSES_WITHIN_MS = 1500;

export class Witness {
  readonly trips: Trip[] = [];
  /** Had the wire, and the kernel let nothing out: when, as moments. While it has it nobody can know. */
  readonly refused: { readonly of: number; readonly from: number; to: number }[] = [];
  /** Two at once on the wire, or more handed over than the bus takes. */
  overlaps = 0;
  onTheWire = 0;
  /** Told of each that ends, before the next begins. */
  onEnd: (address: number, does: Deed) => void = () => undefined;
  #moment = 0;
  #running: Trip | undefined;
  readonly #clock: Clock;
  readonly #plan: (transaction: I2cTransaction, earlier: number) => Plan;

  constructor(clock: Clock, plan: (transaction: I2cTransaction, earlier: number) => Plan) {
    this.#clock = clock;
    this.#plan = plan;
  }

  moment(): number {
    return (this.#moment += 1);
  }

  begins(transaction: I2cTransaction): Plan {
    if (this.onTheWire > 0) this.overlaps += 1;
    this.onTheWire += 1;
    const of = transaction.write?.[0] ?? -1;
    const { address } = transaction;
    const same = this.trips.filter((trip) => trip.of === of && trip.address === address);
    const plan = this.#plan(transaction, same.length);
    const atMs = this.#clock.monotonicMs();
    const moment = this.moment();
    if (plan.does === 'refused') this.refused.push({ of, from: moment, to: Infinity });
    else {
      this.#running = { of, address, atMs, moment, does: plan.does };
      this.trips.push(this.#running);
    }
    return plan;
  }

  ends({ address }: I2cTransaction, does: Deed): void {
    this.onTheWire -= 1;
    this.onEnd(address, does);
    const last = this.refused.at(-1);
    if (does === 'refused' && last !== undefined) last.to = this.moment();
    // Whatever it would have come to, had the bus not been closed.
    if (this.#running !== undefined) this.#running.does = does;
    this.#running = undefined;
  }
}

interface Handed {
  readonly transaction: I2cTransaction;
  readonly passage: Passage | undefined;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: GatewayError) => void;
}

/** Runs what it is handed one by one, as the process of a Linux bus; a hang ends only with it, and for all with one error. */
export class WitnessedWire implements OwnedI2cBus {
  readonly takesAhead: number;
  readonly #clock: Clock;
  readonly #witness: Witness;
  readonly #line: Handed[] = [];
  #closed = false;
  #onIdle: () => void = () => undefined;

  readonly #tellsAfterMs: number;

  /** `tellsAfterMs`: so long after its end it tells who stood behind one that hung. */
  constructor(
    clock: Clock,
    witness: Witness,
    { takesAhead, tellsAfterMs = 0 }: { readonly takesAhead: number; readonly tellsAfterMs?: number },
  ) {
    this.#clock = clock;
    this.#witness = witness;
    this.takesAhead = takesAhead;
    this.#tellsAfterMs = tellsAfterMs;
  }

  transfer(transaction: I2cTransaction, { passage }: TransferOptions = {}): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(new GatewayError('closed', 'closed'));
    if (this.#line.length > this.takesAhead) this.#witness.overlaps += 1;
    return new Promise((resolve, reject) => {
      passage?.handOver();
      this.#line.push({ transaction, passage, resolve, reject });
      if (this.#line.length === 1) this.#begin();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#line.length === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(CLOSES_WITHIN_MS, () => {
        const [hung] = this.#line;
        if (hung !== undefined) this.#witness.ends(hung.transaction, 'hangs');
        const error = new GatewayError('timeout', 'it hung while it was closed');
        this.#line.shift();
        hung?.reject(error);
        const behind = this.#line.splice(0);
        const tell = (): void => {
          for (const { reject } of behind) reject(error);
        };
        if (this.#tellsAfterMs > 0 && behind.length > 0) this.#clock.after(this.#tellsAfterMs, tell);
        else tell();
        resolve();
      });
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
  }

  #begin(): void {
    const [next] = this.#line;
    if (next === undefined) {
      this.#onIdle();
      return;
    }
    next.passage?.begin();
    const { does, takesMs } = this.#witness.begins(next.transaction);
    if (does === 'hangs') return;
    this.#clock.after(takesMs, () => {
      // Given up by the close meanwhile.
      if (this.#line[0] === next) this.#end(next, does);
    });
  }

  #end({ transaction, passage, resolve, reject }: Handed, does: Deed): void {
    this.#witness.ends(transaction, does);
    this.#line.shift();
    if (does === 'refused') passage?.neverLeft();
    this.#begin();
    if (does === 'answers') resolve(transaction.write ?? new Uint8Array());
    else if (does === 'refused') reject(new GatewayError('bus_unavailable', 'gone', { untried: true }));
    else reject(new GatewayError(does === 'no_ack' ? 'no_ack' : 'bus_fault', does));
  }
}
