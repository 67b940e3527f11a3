// Passes over the waiting for the analog-to-digital converter: `analogRead` asks its register some 330 times for each
// conversion, and firmware that measures all the time does little else. Nothing changes meanwhile but the cycles, until
// the next clock event (the end of the conversion, an overflow of a timer): so whole turns of the loop are counted, not run.
import type * as Avr from 'avr8js';
import { commonJs } from '../../process/common-js.js';

const { adcConfig } = commonJs('avr8js') as typeof Avr;

const ADSC = 6;
/** lds (2 words), sbrc, rjmp back to the lds. */
const LOOP_WORDS = 4;
/** lds 2, sbrc 1, rjmp 2: instruction set manual DS40002198, for AVRe. */
const LOOP_CYCLES = 5;
const LDS = 0x9000;
const SBRC_ADSC = 0xfc00 | ADSC;
const RJMP_TO_LDS = 0xc000 | (-LOOP_WORDS & 0xfff);
/** Of `lds`, `sbrc`: the register. */
const REGISTER = 0x1f0;

/** Of each word of the program, whether `while (bit_is_set(ADCSRA, ADSC));` begins there, as avr-gcc makes it. */
export function adcWaits(program: Uint16Array): Uint8Array {
  const waits = new Uint8Array(program.length);
  // A native search for the address, which is rare, and then a look around it: a start has four programs to look through.
  for (let at = program.indexOf(adcConfig.ADCSRA); at > 0; at = program.indexOf(adcConfig.ADCSRA, at + 1)) {
    const register = (program[at - 1] ?? 0) & REGISTER;
    const isWait =
      program[at - 1] === (LDS | register) &&
      program[at + 1] === (SBRC_ADSC | register) &&
      program[at + 2] === RJMP_TO_LDS;
    if (isWait) waits[at - 1] = 1;
  }
  return waits;
}

/** Private in avr8js, and the only place that knows; its version is pinned, and the simulated-adc-wait test would see it go. */
function nextClockEvent(cpu: Avr.CPU): { readonly cycles: number } | null {
  return Reflect.get(cpu, 'nextClockEvent') as { readonly cycles: number } | null;
}

/**
 * At the beginning of such a loop: as many whole turns as end before the next clock event and before `end`. None where
 * an interrupt is about to be taken.
 */
export function passAdcWait(cpu: Avr.CPU, end: number): void {
  const status = cpu.data[adcConfig.ADCSRA] ?? 0;
  if ((status & (1 << ADSC)) === 0 || (cpu.interruptsEnabled && cpu.nextInterrupt >= 0)) return;
  const until = Math.min(end, nextClockEvent(cpu)?.cycles ?? end);
  const turns = Math.floor((until - 1 - cpu.cycles) / LOOP_CYCLES);
  // The register the loop reads into is read anew by the turn that follows.
  if (turns > 0) cpu.cycles += turns * LOOP_CYCLES;
}
