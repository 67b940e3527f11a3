// Notices a transaction that does not end. It can't be cancelled, only told: the wire stays taken until it has ended.
import type { Clock, I2cTransaction, Log } from '../../../shared/ports.js';
import { hexAddress } from './bus-path.js';

export interface HangWatchOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly patienceMs: number;
  /** Told once for each transaction that takes longer than the patience. */
  readonly onHang: (transaction: I2cTransaction) => void;
}

interface Watched {
  readonly transaction: I2cTransaction;
  readonly startedMs: number;
  readonly cancel: () => void;
  hangs: boolean;
}

export class HangWatch {
  readonly #options: HangWatchOptions;
  #watched: Watched | undefined;

  constructor(options: HangWatchOptions) {
    this.#options = options;
  }

  /** The transaction is on the wire from now on. */
  begin(transaction: I2cTransaction): void {
    const { clock, patienceMs } = this.#options;
    const cancel = clock.after(patienceMs, () => {
      // Timers come before messages: after a pause of this process the answer may lie there already.
      setImmediate(() => {
        if (this.#watched === watched) this.#report(watched);
      });
    });
    const watched: Watched = { transaction, startedMs: clock.monotonicMs(), cancel, hangs: false };
    this.#watched = watched;
  }

  /** It has ended, or nobody waits for it any more; how long it took in ms. */
  end(): number {
    const watched = this.#watched;
    if (watched === undefined) return 0;
    this.#watched = undefined;
    watched.cancel();
    const ms = this.#options.clock.monotonicMs() - watched.startedMs;
    if (watched.hangs)
      this.#options.log.info({ address: hexAddress(watched.transaction.address), ms }, 'the bus moves again');
    return ms;
  }

  #report(watched: Watched): void {
    const { log, patienceMs, onHang } = this.#options;
    watched.hangs = true;
    log.warn(
      { address: hexAddress(watched.transaction.address), patienceMs },
      'the bus hangs: a transaction does not end. Look for a target that holds the clock, and pull it',
    );
    onHang(watched.transaction);
  }
}
