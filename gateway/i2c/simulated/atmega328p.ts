// An ATmega328P on avr8js: processor, timers, ADC, ports, EEPROM, serial output, and our TWI. It knows cycles, no time.
import type * as Avr from 'avr8js';
import { adcWaits, passAdcWait } from './adc-wait.js';
import { attachTimerWhenUsed } from './idle-timer.js';
import { pwmDuty } from './pwm-duty.js';
import { TwiPeripheral } from './twi-peripheral.js';
import { commonJs } from '../../process/common-js.js';

const {
  adcConfig,
  AVRADC,
  AVREEPROM,
  avrInstruction,
  AVRIOPort,
  AVRTimer,
  AVRUSART,
  CPU,
  EEPROMMemoryBackend,
  eepromConfig,
  portBConfig,
  portCConfig,
  portDConfig,
  timer0Config,
  timer1Config,
  timer2Config,
  usart0Config,
} = commonJs('avr8js') as typeof Avr;

const SRAM_BYTES = 2048;
const EEPROM_BYTES = 1024;
export const CYCLES_PER_MS = 16_000;
/** A line of serial output is cut here: firmware may never end its line. */
const MOST_SERIAL_CHARACTERS = 200;

export class Atmega328p {
  readonly twi: TwiPeripheral;
  readonly #cpu: Avr.CPU;
  readonly #adc: Avr.AVRADC;
  readonly #waits: Uint8Array;
  #serialLine = '';

  /** `flash` is the memory image of 32 KB; `eepromStart` lies at the start of the else erased EEPROM. */
  constructor(flash: Uint8Array, eepromStart: Uint8Array, onSerialLine: (line: string) => void) {
    const cpu = new CPU(new Uint16Array(flash.slice().buffer), SRAM_BYTES);
    this.#cpu = cpu;
    this.#waits = adcWaits(cpu.progMem);
    for (const port of [portBConfig, portCConfig, portDConfig]) new AVRIOPort(cpu, port);
    new AVRTimer(cpu, timer0Config);
    for (const timer of [timer1Config, timer2Config]) attachTimerWhenUsed(cpu, timer);
    const eeprom = new EEPROMMemoryBackend(EEPROM_BYTES);
    eeprom.memory.set(eepromStart);
    new AVREEPROM(cpu, eeprom, eepromConfig);
    this.#adc = new AVRADC(cpu, adcConfig);
    this.twi = new TwiPeripheral(cpu);
    const usart = new AVRUSART(cpu, usart0Config, CYCLES_PER_MS * 1000);
    usart.onByteTransmit = (byte) => {
      this.#serial(byte, onSerialLine);
    };
  }

  get cycles(): number {
    return this.#cpu.cycles;
  }

  /** False in an interrupt routine, or where the firmware has switched interrupts off. */
  get interruptsEnabled(): boolean {
    return this.#cpu.interruptsEnabled;
  }

  run(cycles: number): void {
    const end = this.#cpu.cycles + cycles;
    while (this.#cpu.cycles < end) this.#step(end);
  }

  /** Runs until `done`, which instructions and interrupts alone bring about; false where that took more than `mostCycles`. */
  runUntil(done: () => boolean, mostCycles: number): boolean {
    const end = this.#cpu.cycles + mostCycles;
    while (!done()) {
      if (this.#cpu.cycles >= end) return false;
      this.#step(end);
    }
    return true;
  }

  /**
   * Lets cycles pass in which no instruction runs but the timers count, up to `cycles` on the counter.
   * Not more than an overflow of timer 0 (16,384) at once: avr8js counts one overflow a jump, and `millis` needs each.
   */
  skipTo(cycles: number): void {
    this.#cpu.cycles = Math.max(this.#cpu.cycles, cycles);
  }

  /** Volts at A0…A5. */
  setVoltage(pin: string, volts: number): void {
    this.#adc.channelValues[Number(pin.slice(1))] = volts;
  }

  /** 0…1: how much of the time an output pin is high. */
  duty(pin: string): number {
    return pwmDuty(this.#cpu.data, pin);
  }

  #step(end: number): void {
    if (this.#waits[this.#cpu.pc] === 1) passAdcWait(this.#cpu, end);
    avrInstruction(this.#cpu);
    this.#cpu.tick();
  }

  #serial(byte: number, onLine: (line: string) => void): void {
    const ends = byte === 0x0a;
    if (!ends && byte !== 0x0d) this.#serialLine += String.fromCharCode(byte);
    if (!ends && this.#serialLine.length < MOST_SERIAL_CHARACTERS) return;
    onLine(this.#serialLine);
    this.#serialLine = '';
  }
}
