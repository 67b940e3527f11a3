// A target that is a real Arduino: real firmware on a simulated ATmega328P, woken when somebody talks to it.
import type { SimulatedInput } from '../../../shared/config/simulated.js';
import { GatewayError } from '../../../shared/errors.js';
import type { Clock, Log } from '../../../shared/ports.js';
import { Atmega328p, CYCLES_PER_MS } from './atmega328p.js';
import type { Direction, SimulatedTarget } from './target.js';
import { World } from './world.js';

export interface AvrTargetOptions {
  /** Image of the 32 KB of flash: parseIntelHex. */
  readonly flash: Uint8Array;
  /** Lies in byte 0 of the EEPROM, where the example's firmware looks for its own address. */
  readonly address: number;
  readonly inputs: ReadonlyMap<string, SimulatedInput>;
  /** 0…1: where in their periods the waves begin. */
  readonly phase: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** The power was on before the gateway came: firmware gets this long to begin to listen. */
const BOOT_MS = 20;

/** A clock held longer than this is a timeout: SMBus 3.2 lets a controller give up after 25 ms (T_TIMEOUT). */
export const STRETCH_LIMIT_MS = 25;

/** After a STOP the interrupt routine may go on this long at once, so that what it does takes effect. */
const SETTLE_MS = 2;

// While nobody talks to it nothing runs. The next transaction makes up for it: the timers get all of the elapsed
// time, the instructions a tenth of it, spread over it, and never more than MOST_RUN_MS; so `millis` is right,
// the world acts, and a bus full of Arduinos costs the same few percent of a processor.
const RUN_SHARE = 0.1;
const MOST_RUN_MS = 10;
/** Firmware does not see more than this of a long pause: every skipped millisecond costs its timer interrupt. */
const MOST_CATCH_UP_MS = 1100;
/** Of the time between its power and the first word, in which the gateway starts and computes enough as it is. */
const MOST_BEFORE_FIRST_MS = 60;
/** Of a long pause, what the firmware gets before it and not after. */
const ACTING_MS = 100;
/** Below one overflow of timer 0 (1.024 ms), of which a jump may skip one. */
const TICK_MS = 1;

export class AvrTarget implements SimulatedTarget {
  readonly #chip: Atmega328p;
  readonly #world: World;
  readonly #clock: Clock;
  #lastMs: number | undefined;
  #wasSpokenTo = false;

  constructor(options: AvrTargetOptions) {
    const { flash, address, log } = options;
    this.#chip = new Atmega328p(flash, Uint8Array.of(address), (line) => {
      log.debug({ serial: line }, 'simulated serial output');
    });
    this.#world = new World(options.inputs, options.phase);
    this.#clock = options.clock;
  }

  /**
   * Runs the firmware's start, at most 20 ms of its time. Returns the address at which it listens then, undefined
   * where it doesn't. Without a call, the first `start` does it.
   */
  powerUp(): number | undefined {
    if (this.#lastMs === undefined) {
      this.#lastMs = this.#clock.monotonicMs();
      this.#showVolts();
      this.#chip.runUntil(() => this.#chip.twi.ownAddress !== undefined, BOOT_MS * CYCLES_PER_MS);
    }
    return this.#chip.twi.ownAddress;
  }

  start(address: number, direction: Direction): boolean {
    this.#catchUp();
    const { twi } = this.#chip;
    this.#untilClockIsFree();
    twi.startOrStop();
    this.#untilClockIsFree();
    const acknowledged = twi.address(address, direction);
    this.#untilClockIsFree();
    return acknowledged;
  }

  receive(byte: number): boolean {
    const acknowledged = this.#chip.twi.receive(byte);
    this.#untilClockIsFree();
    return acknowledged;
  }

  send(acknowledged: boolean): number {
    const byte = this.#chip.twi.send(acknowledged);
    this.#untilClockIsFree();
    return byte;
  }

  stop(): void {
    const chip = this.#chip;
    chip.twi.startOrStop();
    chip.runUntil(() => !chip.twi.holdsClock && chip.interruptsEnabled, SETTLE_MS * CYCLES_PER_MS);
  }

  holdsClock(): boolean {
    this.#catchUp(1);
    return this.#chip.twi.holdsClock;
  }

  #untilClockIsFree(): void {
    const { twi } = this.#chip;
    if (this.#chip.runUntil(() => !twi.holdsClock, STRETCH_LIMIT_MS * CYCLES_PER_MS)) return;
    throw new GatewayError(
      'timeout',
      `The firmware held the clock low for more than ${String(STRETCH_LIMIT_MS)} ms.`,
    );
  }

  /** `runShare`: how much of the elapsed time instructions run. */
  #catchUp(runShare = RUN_SHARE): void {
    this.powerUp();
    const nowMs = this.#clock.monotonicMs();
    const elapsedMs = nowMs - (this.#lastMs ?? nowMs);
    this.#lastMs = nowMs;
    const caughtUpMs = Math.min(elapsedMs, this.#wasSpokenTo ? MOST_CATCH_UP_MS : MOST_BEFORE_FIRST_MS);
    const share = Math.min(runShare, MOST_RUN_MS / Math.max(caughtUpMs, 1));
    // The firmware first acts on the last message, then the rest of a long pause passes, then it sees what came of it.
    const actingMs = this.#wasSpokenTo ? Math.min(caughtUpMs, ACTING_MS) : 0;
    this.#wasSpokenTo = true;
    this.#passTime(actingMs, share);
    this.#advanceWorld(elapsedMs - caughtUpMs);
    this.#passTime(caughtUpMs - actingMs, share);
  }

  #passTime(ms: number, share: number): void {
    for (let leftMs = ms; leftMs > 0; leftMs -= TICK_MS) {
      const tickMs = Math.min(leftMs, TICK_MS);
      const end = this.#chip.cycles + tickMs * CYCLES_PER_MS;
      this.#advanceWorld(tickMs);
      this.#chip.run(tickMs * CYCLES_PER_MS * share);
      this.#chip.skipTo(Math.floor(end));
    }
  }

  #advanceWorld(elapsedMs: number): void {
    this.#world.advance(elapsedMs, (pin) => this.#chip.duty(pin));
    this.#showVolts();
  }

  #showVolts(): void {
    for (const [pin, volts] of this.#world.volts) this.#chip.setVoltage(pin, volts);
  }
}
