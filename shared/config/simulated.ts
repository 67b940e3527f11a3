// What a description says of the simulated world around a device.

/** An analog voltage of the simulated world at an input pin, as a function of time or of what an output pin does. */
export type SimulatedInput =
  | { readonly kind: 'wave'; readonly mean: number; readonly swing: number; readonly periodMs: number }
  | {
      readonly kind: 'tank';
      /** The pin whose duty fills it. */
      readonly filledBy: string;
      /** Volts a second at full duty, and volts a second that leak away. */
      readonly gain: number;
      readonly leak: number;
      readonly start: number;
    };

export interface SimulateSpec {
  /** An Intel-hex file of ATmega328P firmware, as written in the configuration. */
  readonly firmware: string;
  /** Arduino pin name (A0…A5) → voltage. */
  readonly inputs: ReadonlyMap<string, SimulatedInput>;
}
