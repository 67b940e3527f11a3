// The runs of this gateway, by its data folder: told apart from another gateway of the same name by their boots.
export class KnownBoots {
  readonly current: string;
  #earlier: readonly string[] = [];

  constructor(current: string) {
    this.current = current;
  }

  remember(earlier: readonly string[]): void {
    this.#earlier = earlier;
  }

  isOwn(boot: string): boolean {
    return boot === this.current || this.#earlier.includes(boot);
  }
}
