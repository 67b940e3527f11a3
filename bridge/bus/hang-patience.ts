// How long a transaction may have the wire. What stands behind another one does not have it yet, whoever has it may hang,
// and it must not pay for that: the time counts from what its record says.
import { asGatewayError } from '../../shared/errors.js';
import type { Passage } from '../../shared/passage.js';
import type { Clock } from '../../shared/ports.js';

export class HangPatience {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #patienceMs: number;

  constructor(clock: Pick<Clock, 'after'>, patienceMs: number) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
  }

  /** Settles as what `begin` starts, or rejects with `onHang()` when that has had the wire for too long; it runs on then. */
  watch<T>(passage: Passage, begin: () => Promise<T>, onHang: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      let cancel: (() => void) | undefined;
      passage.whenTaken(() => {
        cancel?.();
        cancel = this.#clock.after(this.#patienceMs, () => {
          reject(onHang());
        });
      });
      // Before it settles: who hears of that may begin the next try at once, and listen for its own.
      const ended = (): void => {
        passage.whenTaken(undefined);
        cancel?.();
      };
      void begin().then(
        (value) => {
          ended();
          resolve(value);
        },
        (thrown: unknown) => {
          ended();
          reject(asGatewayError(thrown, 'bus_fault'));
        },
      );
    });
  }
}
