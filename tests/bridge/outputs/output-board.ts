// A board with a pump, a valve, a lamp, a heater and a fan, as the wire sees it: what each has on, and what goes wrong on the way.
import { GatewayError } from '../../../shared/errors.js';
import type { WireBehaviour } from '../../support/bus/kernel-wire.js';

/**
 * The pump may stay on, and a crash ends it. The lamp may stay on, also behind a crash. The fan comes with the
 * set-up, which the heater ends with. The slow reading takes longer than a stop has. */
export const TYPE = `{
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] },
    samples: [
      { every: 2s, write: [0x10], delay: 300ms, read: 1, fields: { level: { type: uint8 } } },
      { every: 9s, write: [0x11], delay: 2500ms, read: 1, fields: { slow: { type: uint8 } } }],
    commands: {
      pump: { args: { to: { type: uint8 } }, write: [0x20, $to], safe: { args: { to: 0 } }, for: { max: 10m } },
      boost: { write: [0x20, 0xff] },
      halt: { write: [0x20, 0x00] },
      valve: { args: { to: { type: uint8 } }, write: [0x30, $to],
        verify: { write: [0x31], delay: 2s, read: 1, equals: $to },
        safe: { args: { to: 0 } }, for: { default: 5s, max: 10m }, after_crash: leave },
      lamp: { args: { to: { type: uint8 } }, write: [0x40, $to], safe: { command: dark }, for: { max: 10m }, after_crash: leave },
      dark: { write: [0x40, 0x00] },
      heater: { args: { to: { type: uint8 } }, write: [0x60, $to], safe: { command: cool }, for: { max: 10m } },
      cool: { write: [0x60, 0x00] },
      fan: { args: { to: { type: uint8 } }, write: [0x70, $to], safe: { args: { to: 0 } }, for: 3s } },
    on_connect: [{ command: cool }, { command: fan, args: { to: 7 } }],
    on_stop: [{ write: [0x50] }] }`;

export const REGISTERS: ReadonlyMap<number, string> = new Map([
  [0x20, 'pump'],
  [0x30, 'valve'],
  [0x40, 'lamp'],
  [0x60, 'heater'],
  [0x70, 'fan'],
]);

/** `after_crash: leave` */
export const LEFT: ReadonlySet<number> = new Set([0x30, 0x40]);

export interface Weather {
  plugged: boolean;
  /** It acts, and its acknowledgement is lost. */
  unheard: boolean;
  another: boolean;
  refuses: boolean;
  jammed: boolean;
  slow: boolean;
  /** So many are not acknowledged from now on. */
  lost: number;
}

export const FINE: Readonly<Weather> = {
  ...{ plugged: true, unheard: false, another: false, refuses: false, jammed: false, slow: false, lost: 0 },
};

/** What a write to an output came to. */
export interface Meeting {
  readonly register: number;
  readonly value: number;
  readonly acts: boolean;
  readonly isHeard: boolean;
  readonly takesMs: number;
}

export class OutputBoard {
  readonly weather: Weather = { ...FINE };
  readonly values = new Map<number, number>();
  stopWrites = 0;
  /** Told of each transaction when it begins, of the writes to outputs with what they came to. */
  onBegin: (hex: string, meeting: Meeting | undefined) => void = () => undefined;
  #held: Promise<void> | undefined;
  #letGo: () => void = () => undefined;
  #pointer = 0;

  get hangs(): boolean {
    return this.#held !== undefined;
  }

  /** Nothing stands in the way of a write. */
  get isWell(): boolean {
    const { plugged, unheard, jammed, slow, lost } = this.weather;
    return plugged && !unheard && !jammed && !slow && lost === 0 && !this.hangs;
  }

  hang(): void {
    this.#held ??= new Promise((resolve) => {
      this.#letGo = resolve;
    });
  }

  letGo(): void {
    this.#letGo();
    this.#held = undefined;
  }

  readonly behaviour: WireBehaviour = ({ write, readLength = 0 }) => {
    const takesMs = this.weather.slow ? 800 : 20;
    const hex = Buffer.from(write ?? []).toString('hex');
    const error = this.#errorOf(hex);
    const acts = error === undefined || error.message === 'unheard' || error.message === 'hangs';
    const [register = 0, value] = write ?? [];
    const isSwitch = value !== undefined && REGISTERS.has(register);
    const isHeard = error === undefined;
    this.onBegin(hex, isSwitch ? { register, value, acts, isHeard, takesMs } : undefined);
    if (acts && write !== undefined) this.#take(register, value);
    if (error?.message === 'hangs' && this.#held !== undefined) return { until: this.#held, error };
    return error === undefined ? { takesMs, bytes: this.#answer(readLength) } : { takesMs, error };
  };

  #errorOf(hex: string): GatewayError | undefined {
    const { weather } = this;
    if (this.#held !== undefined) return new GatewayError('timeout', 'hangs');
    if (weather.jammed) return new GatewayError('bus_fault', 'jammed');
    if (weather.lost > 0) {
      weather.lost -= 1;
      return new GatewayError('no_ack', 'lost');
    }
    if (!weather.plugged || (weather.refuses && hex === '7007')) return new GatewayError('no_ack', 'none');
    return weather.unheard ? new GatewayError('no_ack', 'unheard') : undefined;
  }

  #take(register: number, value: number | undefined): void {
    this.#pointer = register;
    if (register === 0x50) this.stopWrites += 1;
    if (value !== undefined && REGISTERS.has(register)) this.values.set(register, value);
  }

  #answer(length: number): number[] {
    const identity = this.weather.another ? [0x55, 0x01] : [0x54, 0x02];
    if (length === 2) return identity;
    return this.#pointer === 0x31 ? [this.values.get(0x30) ?? 0] : [7];
  }
}
