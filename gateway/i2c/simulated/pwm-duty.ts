// What an output pin of the ATmega328P does, read from its registers: the duty of analogWrite, or high or low.

interface PwmPin {
  /** The compare register, its low byte: Arduino's analogWrite uses 8 bits on every timer. */
  readonly compare: number;
  readonly control: number;
  /** Shift of the two COM bits in the control register. */
  readonly shift: number;
  /** Data direction and output registers of the pin's port, and its bit there. */
  readonly direction: number;
  readonly output: number;
  readonly bit: number;
}

const PORT_B = { direction: 0x24, output: 0x25 };
const PORT_D = { direction: 0x2a, output: 0x2b };

/** Arduino Uno's PWM pins. */
const PWM_PINS: Readonly<Record<string, PwmPin>> = {
  D3: { ...PORT_D, bit: 3, compare: 0xb4, control: 0xb0, shift: 4 },
  D5: { ...PORT_D, bit: 5, compare: 0x48, control: 0x44, shift: 4 },
  D6: { ...PORT_D, bit: 6, compare: 0x47, control: 0x44, shift: 6 },
  D9: { ...PORT_B, bit: 1, compare: 0x88, control: 0x80, shift: 6 },
  D10: { ...PORT_B, bit: 2, compare: 0x8a, control: 0x80, shift: 4 },
  D11: { ...PORT_B, bit: 3, compare: 0xb3, control: 0xb0, shift: 6 },
};

/** COM bits "clear on compare match": what analogWrite sets; analogWrite(0) and (255) clear them and write the port. */
const CLEAR_ON_MATCH = 2;

/** 0…1; 0 for a pin that is no output or can't do PWM. */
export function pwmDuty(data: Uint8Array, pin: string): number {
  const place = PWM_PINS[pin];
  if (place === undefined || !isSet(data, place.direction, place.bit)) return 0;
  const mode = ((data[place.control] ?? 0) >> place.shift) & 3;
  if (mode === CLEAR_ON_MATCH) return (data[place.compare] ?? 0) / 255;
  return isSet(data, place.output, place.bit) ? 1 : 0;
}

function isSet(data: Uint8Array, register: number, bit: number): boolean {
  return (((data[register] ?? 0) >> bit) & 1) === 1;
}
