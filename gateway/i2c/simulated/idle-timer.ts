// A timer that begins to count only when firmware looks at it: avr8js schedules an event for every count of a timer,
// and the Arduino core starts timers 1 and 2 for PWM, whose duty pwm-duty.ts reads from the registers. Without their
// events an Arduino costs half.
import type * as Avr from 'avr8js';
import { commonJs } from '../../process/common-js.js';

const { AVRTimer } = commonJs('avr8js') as typeof Avr;

/** Hooks in front of the timer's: the first interrupt enabled, or flag or count read, makes the timer real. */
export function attachTimerWhenUsed(cpu: Avr.CPU, config: Avr.AVRTimerConfig): void {
  const attach = (): void => {
    for (const register of [config.TIFR, config.TCNT]) Reflect.deleteProperty(cpu.readHooks, register);
    Reflect.deleteProperty(cpu.writeHooks, config.TIMSK);
    new AVRTimer(cpu, config);
    replay(cpu, config);
  };
  for (const register of [config.TIFR, config.TCNT]) {
    cpu.readHooks[register] = (address) => {
      attach();
      return cpu.readData(address);
    };
  }
  cpu.writeHooks[config.TIMSK] = (value) => {
    if (value === 0) return false;
    attach();
    cpu.writeData(config.TIMSK, value);
    return true;
  };
}

/** Tells the new timer what was written so far; the high byte of a 16-bit register goes first, the clock select last. */
function replay(cpu: Avr.CPU, config: Avr.AVRTimerConfig): void {
  const high = config.bits === 16 ? [config.OCRA + 1, config.OCRB + 1, config.ICR + 1] : [];
  const [highA, highB, highCapture] = high;
  const capture = config.bits === 16 ? config.ICR : undefined;
  const order = [config.TCCRA, highA, config.OCRA, highB, config.OCRB, highCapture, capture, config.TCCRB];
  for (const register of order) {
    if (register !== undefined) cpu.writeData(register, cpu.data[register] ?? 0);
  }
}
