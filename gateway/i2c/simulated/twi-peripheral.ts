// The two-wire interface of an ATmega328P, its target side: avr8js has only the controller's.
// After the datasheet DS40002061B, section "Two-wire Serial Interface", tables of the slave receiver and transmitter modes.
import type { CPU } from 'avr8js';
import type { Direction } from './target.js';

const TWSR = 0xb9;
const TWAR = 0xba;
const TWDR = 0xbb;
const TWCR = 0xbc;
const TWAMR = 0xbd;

const TWINT = 0x80;
const TWEA = 0x40;
const TWSTA = 0x20;
const TWSTO = 0x10;
const TWWC = 0x08;
const TWEN = 0x04;
const TWIE = 0x01;
const PRESCALER_BITS = 0x03;

export const TWI_STATUS = {
  addressedForWrite: 0x60,
  receivedAndAcknowledged: 0x80,
  receivedAndRefused: 0x88,
  stopOrRepeatedStart: 0xa0,
  addressedForRead: 0xa8,
  sentAndAcknowledged: 0xb8,
  sentAndRefused: 0xc0,
  lastSentYetAcknowledged: 0xc8,
  arbitrationLost: 0x38,
  busError: 0x00,
  nothing: 0xf8,
} as const;
type TwiStatus = (typeof TWI_STATUS)[keyof typeof TWI_STATUS];

/** In TWAR after a reset: Wire switches the interface on before it sets the address. */
const RESET_ADDRESS = 0x7f;

/** What the line reads as when nobody drives it. */
const RELEASED = 0xff;

/**
 * Each step of the wire sets a status and TWINT; until the firmware clears TWINT the clock is held low. Who calls
 * the next step must have let the processor run until then: `holdsClock` tells.
 */
export class TwiPeripheral {
  readonly #cpu: CPU;
  #mode: 'idle' | 'receiver' | 'transmitter' = 'idle';

  /** Hooks itself into the processor's register TWCR. */
  constructor(cpu: CPU) {
    this.#cpu = cpu;
    cpu.data[TWAR] = RESET_ADDRESS << 1;
    this.#setStatus(TWI_STATUS.nothing);
    cpu.writeHooks[TWCR] = (value) => {
      this.#writeControl(value);
      return true;
    };
  }

  get holdsClock(): boolean {
    return (this.#control & TWINT) !== 0;
  }

  /** The address at which the firmware listens; undefined as long as it doesn't, or has set none. */
  get ownAddress(): number | undefined {
    const address = this.#register(TWAR) >> 1;
    return this.#listens && address !== RESET_ADDRESS ? address : undefined;
  }

  /** The address byte; false where it isn't the own (TWAR, with the don't-care bits of TWAMR) or TWEA is off. */
  address(address: number, direction: Direction): boolean {
    const cares = ~(this.#register(TWAMR) >> 1) & 0x7f;
    if (!this.#listens || ((address ^ (this.#register(TWAR) >> 1)) & cares) !== 0) return false;
    this.#mode = direction === 'write' ? 'receiver' : 'transmitter';
    this.#raise(direction === 'write' ? TWI_STATUS.addressedForWrite : TWI_STATUS.addressedForRead);
    return true;
  }

  /** A byte from the controller; returns whether it is acknowledged: as TWEA stood before it came. */
  receive(byte: number): boolean {
    if (this.#mode !== 'receiver') return false;
    const acknowledged = (this.#control & TWEA) !== 0;
    this.#cpu.data[TWDR] = byte;
    if (!acknowledged) this.#mode = 'idle';
    this.#raise(acknowledged ? TWI_STATUS.receivedAndAcknowledged : TWI_STATUS.receivedAndRefused);
    return acknowledged;
  }

  /** The byte in TWDR. With TWEA off it was the last the firmware has, and the line is released after it. */
  send(acknowledged: boolean): number {
    if (this.#mode !== 'transmitter') return RELEASED;
    const byte = this.#register(TWDR);
    const hasMore = (this.#control & TWEA) !== 0;
    if (!acknowledged) this.#end(TWI_STATUS.sentAndRefused);
    else if (hasMore) this.#raise(TWI_STATUS.sentAndAcknowledged);
    else this.#end(TWI_STATUS.lastSentYetAcknowledged);
    return byte;
  }

  /**
   * START or STOP. A receiver is told of either. A transmitter meets one in the middle of a byte only when the
   * controller has given up on it: a bus error, from which Wire recovers.
   */
  startOrStop(): void {
    if (this.#mode === 'receiver') this.#end(TWI_STATUS.stopOrRepeatedStart);
    else if (this.#mode === 'transmitter') this.#end(TWI_STATUS.busError);
  }

  #end(status: TwiStatus): void {
    this.#mode = 'idle';
    this.#raise(status);
  }

  #raise(status: TwiStatus): void {
    this.#setStatus(status);
    this.#cpu.setInterruptFlag(this.#interrupt);
  }

  #setStatus(status: TwiStatus): void {
    this.#cpu.data[TWSR] = (this.#register(TWSR) & PRESCALER_BITS) | status;
  }

  /** A one written to TWINT clears it; TWWC is read-only; TWSTO clears itself. */
  #writeControl(value: number): void {
    const clears = (value & TWINT) !== 0;
    const held = clears ? 0 : this.#control & TWINT;
    this.#cpu.data[TWCR] = (value & ~(TWINT | TWSTO | TWWC)) | held;
    if (clears) {
      this.#cpu.clearInterrupt(this.#interrupt);
      this.#setStatus(TWI_STATUS.nothing);
      // This bus has one controller, the gateway: firmware that wants to be one too loses the arbitration, and goes on.
      if ((value & TWSTA) !== 0) this.#raise(TWI_STATUS.arbitrationLost);
    }
    this.#cpu.updateInterruptEnable(this.#interrupt, this.#control);
  }

  /** `constant`: entering the interrupt routine does not clear TWINT, the firmware must. */
  readonly #interrupt = {
    address: 0x30,
    flagRegister: TWCR,
    flagMask: TWINT,
    enableRegister: TWCR,
    enableMask: TWIE,
    constant: true,
  };

  get #listens(): boolean {
    return (this.#control & (TWEN | TWEA)) === (TWEN | TWEA);
  }

  get #control(): number {
    return this.#register(TWCR);
  }

  #register(address: number): number {
    return this.#cpu.data[address] ?? 0;
  }
}
