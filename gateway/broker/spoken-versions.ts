// Which versions of MQTT are spoken with a broker: with somebody else's that is known once it has answered, and may change
// while it is away.

const NAMES = { 4: '3.1.1', 5: '5' } as const;

/** Of the embedded broker's doors. */
export const AT_EVERY_DOOR: readonly string[] = ['3.1', '3.1.1', '5'];

export class SpokenVersions {
  #names: readonly string[] = [];
  #changed = (): void => undefined;

  /** None before it has answered. */
  get names(): readonly string[] {
    return this.#names;
  }

  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  spoken(version: keyof typeof NAMES): void {
    const name = NAMES[version];
    if (this.#names[0] === name) return;
    this.#names = [name];
    this.#changed();
  }
}
