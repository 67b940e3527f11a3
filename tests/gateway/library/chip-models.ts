// Chips with the manners that their data sheets describe, and that a list of bytes does not have: they measure only once
// they are told to, and only after a while, keep a pointer, and forget.
import type { Behaviour } from '../../support/bus/scripted-bus.js';
import type { FakeClock } from '../../support/fake-clock.js';
import { bytesOf, hexOf } from './spoken.js';

export interface MeasuringChip {
  /** What is in its registers whatever it does, by the bytes that are written to reach them. */
  readonly has?: Readonly<Record<string, string>>;
  /** What it has measured; all 0 before. */
  readonly measured: Readonly<Record<string, string>>;
  /** The register that says by these bits that it has, and what else it holds. */
  readonly ready?: readonly [register: string, before: string, then: string];
  /** The write that makes it measure, and how long that takes. */
  readonly starts: string;
  readonly takesMs: number;
}

/** Registers by their own pointer; a chip that was not told to measure never has. */
export function measuring(chip: MeasuringChip, clock: FakeClock): Behaviour {
  let [pointer, startedMs] = ['', Infinity];
  return ({ write, readLength = 0 }) => {
    if (write !== undefined) {
      pointer = hexOf(write);
      if (pointer === chip.starts) startedMs = clock.monotonicMs();
    }
    const isMeasured = clock.monotonicMs() - startedMs >= chip.takesMs;
    const [ready, before = '', then = ''] = chip.ready ?? [];
    const held = pointer === ready ? (isMeasured ? then : before) : chip.has?.[pointer];
    const result = isMeasured ? chip.measured[pointer] : undefined;
    const all = bytesOf(held ?? result ?? '');
    return { bytes: Array.from({ length: readLength }, (_, index) => all[index] ?? 0) };
  };
}

/** NXP's PCA9685: without bit 5 of its first register the pointer stays where it is. */
export class Pca9685 {
  readonly registers = new Uint8Array(256);
  #pointer = 0;

  constructor() {
    this.reset();
  }

  reset(): void {
    this.registers.fill(0);
    this.registers[0] = 0x11;
    this.registers[0xfe] = 0x1e;
    for (let channel = 0; channel < 16; channel += 1) this.registers[6 + 4 * channel + 3] = 0x10;
  }

  readonly answer: Behaviour = ({ write, readLength = 0 }) => {
    const [first, ...others] = write ?? [];
    this.#pointer = first ?? this.#pointer;
    for (const byte of others) this.registers[this.#next()] = byte;
    return { bytes: Array.from({ length: readLength }, () => this.registers[this.#next()] ?? 0) };
  };

  #next(): number {
    const here = this.#pointer;
    if (((this.registers[0] ?? 0) & 0x20) !== 0) this.#pointer = (here + 1) & 0xff;
    return here;
  }
}

/** ST's VL53L1X: what it has measured stays until its interrupt is cleared; then it measures again, for 50 ms. */
export class Vl53l1x {
  distanceMm = 1000;
  status = 9;
  hangs = false;
  #readyMs = Infinity;
  #seen: number[] = [];
  #pointer = '';
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  readonly answer: Behaviour = ({ write, readLength = 0 }) => {
    if (write !== undefined) this.#pointer = Buffer.from(write).toString('hex');
    if (this.#pointer === '008740' || this.#pointer === '008601') {
      this.#readyMs = this.#clock.monotonicMs() + 50;
      this.#seen = [];
    }
    if (readLength === 0) return {};
    const isReady = !this.hangs && this.#clock.monotonicMs() >= this.#readyMs;
    if (isReady && this.#seen.length === 0)
      this.#seen = [this.status, this.distanceMm >> 8, this.distanceMm & 0xff];
    const [status = 0, ...distance] = this.#seen;
    if (this.#pointer === '010f') return { bytes: [0xea, 0xcc, 0x10] };
    if (this.#pointer === '0031') return { bytes: [isReady ? 3 : 2] };
    return { bytes: this.#pointer === '0089' ? [status] : distance };
  };
}

function withCrcs(...words: readonly number[]): number[] {
  return words.flatMap((word) => {
    let crc = 0xff;
    for (const byte of [word >> 8, word & 0xff]) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x80 ? 0x31 : 0)) & 0xff;
    }
    return [word >> 8, word & 0xff, crc];
  });
}

export interface SensirionChip {
  readonly start: string;
  readonly stop: string;
  /** The question whether there is something new, what is so where there is, and where not. */
  readonly ready: readonly [question: string, yes: number, no: number];
  readonly everyMs: number;
  readonly words: readonly number[];
  /** Other questions, and what they are answered. */
  readonly others?: Readonly<Record<string, readonly number[]>>;
}

/** Sensirion's ones: who does not measure has nothing to be read, and answers on. */
export class Sensirion {
  measuresSinceMs: number | undefined;
  #question = '';
  #readMs = 0;
  readonly #chip: SensirionChip;
  readonly #clock: FakeClock;

  constructor(chip: SensirionChip, clock: FakeClock) {
    this.#chip = chip;
    this.#clock = clock;
  }

  readonly answer: Behaviour = ({ write, readLength = 0 }) => {
    const { start, stop, ready, words, others, everyMs } = this.#chip;
    if (write !== undefined) this.#question = Buffer.from(write.subarray(0, 2)).toString('hex');
    if (this.#question === start && readLength === 0) this.measuresSinceMs ??= this.#clock.monotonicMs();
    if (this.#question === stop) this.measuresSinceMs = undefined;
    const sinceMs = Math.max(this.#readMs, this.measuresSinceMs ?? Infinity);
    const isNew = this.#clock.monotonicMs() - sinceMs >= everyMs;
    if (readLength === 0) return {};
    const other = others?.[this.#question];
    if (other !== undefined) return { bytes: withCrcs(...other) };
    if (this.#question === ready[0]) return { bytes: withCrcs(isNew ? ready[1] : ready[2]) };
    this.#readMs = this.#clock.monotonicMs();
    return { bytes: withCrcs(...words) };
  };
}
