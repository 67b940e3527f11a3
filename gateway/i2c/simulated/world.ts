// The simulated world around one Arduino: voltages at its analog pins, by the time and by what its output pins do.
import type { SimulatedInput } from '../../../shared/config/simulated.js';

/** The supply of the Arduino: no pin sees more, nor less than 0. */
const SUPPLY_VOLTS = 5;

/** Volts of a wave at `atMs`; `phase` (0…1 of a period) keeps devices of one type from moving as one. */
export function waveVolts(
  wave: Extract<SimulatedInput, { kind: 'wave' }>,
  atMs: number,
  phase: number,
): number {
  return clamp(wave.mean + wave.swing * Math.sin(2 * Math.PI * (atMs / wave.periodMs + phase)));
}

/** Volts of a tank that had `volts`, after `elapsedMs` with the filling pin at `duty` (0…1). */
export function tankVolts(
  tank: Extract<SimulatedInput, { kind: 'tank' }>,
  volts: number,
  duty: number,
  elapsedMs: number,
): number {
  return clamp(volts + ((tank.gain * duty - tank.leak) * elapsedMs) / 1000);
}

function clamp(volts: number): number {
  return Math.min(SUPPLY_VOLTS, Math.max(0, volts));
}

/** Keeps the time and the tanks' contents. */
export class World {
  readonly #inputs: ReadonlyMap<string, SimulatedInput>;
  readonly #phase: number;
  readonly #volts = new Map<string, number>();
  #elapsedMs = 0;

  constructor(inputs: ReadonlyMap<string, SimulatedInput>, phase: number) {
    this.#inputs = inputs;
    this.#phase = phase;
    for (const [pin, input] of inputs) {
      this.#volts.set(pin, input.kind === 'tank' ? clamp(input.start) : waveVolts(input, 0, phase));
    }
  }

  /** Pin → volts, now. */
  get volts(): ReadonlyMap<string, number> {
    return this.#volts;
  }

  /** Lets time pass while the output pins stay as `duty` tells. */
  advance(elapsedMs: number, duty: (pin: string) => number): void {
    this.#elapsedMs += elapsedMs;
    for (const [pin, input] of this.#inputs) {
      const volts =
        input.kind === 'wave'
          ? waveVolts(input, this.#elapsedMs, this.#phase)
          : tankVolts(input, this.#volts.get(pin) ?? 0, duty(input.filledBy), elapsedMs);
      this.#volts.set(pin, volts);
    }
  }
}
