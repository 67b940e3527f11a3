// An Arduino with a pump and a valve, as the wire sees it: what it has on, since when, and what goes wrong on the way.
import { GatewayError } from '../../shared/errors.js';
import type { WireBehaviour } from '../support/bus/kernel-wire.js';

/** The device for a while. */
export type Trouble =
  /** Nothing is acknowledged, and nothing acts. */
  | 'away'
  /** It acts, and the acknowledgement is lost. */
  | 'unheard'
  /** Another type answers; it takes writes all the same. */
  | 'another'
  /** Each transaction takes most of a second. */
  | 'slow';

export const PUMP = 0x20;
export const VALVE = 0x30;
export const STOPPED = 0x50;
const [WHO, LEVEL, SPEED] = [0x01, 0x10, 0x21];
const IDENTITY = [0x54, 0x02];

/** Pump: whatever speed for a time. Valve: open for 5 s, and left so by a crash until they are over. */
export const TYPE = `{
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] },
    samples: [{ every: 1s, write: [0x10], delay: 300ms, read: 1, fields: { level: { type: uint8 } } }],
    commands: {
      pump: {
        args: { speed: { type: uint8 } }, write: [0x20, $speed],
        verify: { write: [0x21], delay: 3s, read: 1, equals: $speed },
        safe: { args: { speed: 0 } }, for: { max: 10m } },
      valve: { write: [0x30, 0x01], safe: { write: [0x30, 0x00] }, for: 5s, after_crash: leave } },
    on_stop: [{ write: [0x50] }] }`;

export class PumpBoard {
  /** What is not zero, by its register. */
  readonly on = new Map<number, { readonly value: number; readonly sinceMs: number }>();
  stopWrites = 0;
  trouble: Trouble | undefined;
  /** So many transactions from now on are not acknowledged, and do not act. */
  lost = 0;
  readonly #nowMs: () => number;
  #pointer = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  readonly behaviour: WireBehaviour = ({ write, readLength = 0 }) => {
    const takesMs = this.trouble === 'slow' ? 800 : 1;
    const none = new GatewayError('no_ack', 'none');
    if (this.trouble === 'away' || this.lost > 0) {
      this.lost = Math.max(0, this.lost - 1);
      return { takesMs, error: none };
    }
    if (write !== undefined) this.#take(write);
    if (this.trouble === 'unheard') return { takesMs, error: none };
    return { takesMs, bytes: this.#answer(readLength) };
  };

  #take(write: Uint8Array): void {
    const [register = 0, value] = write;
    this.#pointer = register;
    if (register === STOPPED) this.stopWrites += 1;
    if (value === undefined || (register !== PUMP && register !== VALVE)) return;
    if (value === 0) this.on.delete(register);
    else this.on.set(register, { value, sinceMs: this.#nowMs() });
  }

  #answer(length: number): number[] {
    const other = this.trouble === 'another';
    const answers: Readonly<Record<number, readonly number[]>> = {
      [WHO]: other ? [0x55, 0x01] : IDENTITY,
      [LEVEL]: [7],
      [SPEED]: [this.on.get(PUMP)?.value ?? 0],
    };
    const bytes = answers[this.#pointer] ?? [];
    return Array.from({ length }, (_, index) => bytes[index] ?? 0xff);
  }
}
