// Who talks with which target at the moment: between the parts of a conversation nobody else speaks to it.
import type { GatewayError } from '../../shared/errors.js';
import type { I2cTransaction } from '../../shared/ports.js';

/** A number for the place that a transaction goes to: the same address behind another channel is another place. */
export function placeOf({ address, via }: Pick<I2cTransaction, 'address' | 'via'>): number {
  return via === undefined ? address : ((via.mux + 1) * 8 + via.channel) * 128 + address;
}

/** A conversation: its identity matters, and that it can be asked to end. */
export type Conversation = AbortController;

export class TargetHolds {
  readonly #holders = new Map<number, Conversation>();

  /** True where somebody other than `by` talks with the target. */
  isHeldFrom(target: number, by: Conversation | undefined): boolean {
    const holder = this.#holders.get(target);
    return holder !== undefined && holder !== by;
  }

  take(target: number, by: Conversation): void {
    this.#holders.set(target, by);
  }

  /** Whoever other than `by` talks with the target shall end. */
  press(target: number, by: Conversation | undefined, why: GatewayError): void {
    const holder = this.#holders.get(target);
    if (holder !== by) holder?.abort(why);
  }

  releaseAll(by: Conversation): void {
    for (const [target, holder] of this.#holders) if (holder === by) this.#holders.delete(target);
  }
}
