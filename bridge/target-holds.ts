// Who talks with which target at the moment: between the parts of a conversation nobody else speaks to it.

/** A conversation; only its identity matters. */
export type Conversation = symbol;

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

  releaseAll(by: Conversation): void {
    for (const [target, holder] of this.#holders) if (holder === by) this.#holders.delete(target);
  }
}
