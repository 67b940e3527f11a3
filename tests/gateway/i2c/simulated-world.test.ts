import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pwmDuty } from '../../../gateway/i2c/simulated/pwm-duty.js';
import { tankVolts, waveVolts, World } from '../../../gateway/i2c/simulated/world.js';

const WAVE = { kind: 'wave', mean: 2, swing: 0.5, periodMs: 60_000 } as const;
const TANK = { kind: 'tank', filledBy: 'D9', gain: 0.1, leak: 0.02, start: 1 } as const;

test('a wave swings about its mean within its period, shifted by its phase', () => {
  assert.equal(waveVolts(WAVE, 0, 0), 2);
  assert.equal(waveVolts(WAVE, 15_000, 0), 2.5);
  assert.equal(waveVolts(WAVE, 45_000, 0), 1.5);
  assert.equal(waveVolts(WAVE, 0, 0.25), 2.5);
  assert.equal(waveVolts({ ...WAVE, swing: 9 }, 15_000, 0), 5);
  assert.equal(waveVolts({ ...WAVE, swing: 9 }, 45_000, 0), 0);
});

test('a tank fills by the duty of its pin, leaks, and is never more than full or less than empty', () => {
  assert.ok(Math.abs(tankVolts(TANK, 1, 0.5, 10_000) - 1.3) < 1e-9);
  assert.ok(Math.abs(tankVolts(TANK, 1, 0, 10_000) - 0.8) < 1e-9);
  assert.equal(tankVolts(TANK, 1, 1, 3_600_000), 5);
  assert.equal(tankVolts(TANK, 1, 0, 3_600_000), 0);
});

test('the world keeps its time: many small steps and one large come to the same', () => {
  const inputs = new Map<string, typeof WAVE | typeof TANK>([
    ['A0', TANK],
    ['A1', WAVE],
  ]);
  const [small, large] = [new World(inputs, 0.1), new World(inputs, 0.1)];
  for (let step = 0; step < 100; step += 1) small.advance(100, () => 0.7);
  large.advance(10_000, (pin) => (pin === 'D9' ? 0.7 : Number.NaN));
  for (const pin of ['A0', 'A1']) {
    const [a = Number.NaN, b = Number.NaN] = [small.volts.get(pin), large.volts.get(pin)];
    assert.ok(Math.abs(a - b) < 1e-9, `${pin}: ${String(a)} ${String(b)}`);
  }
});

/** Registers as Arduino's analogWrite leaves them: pin → [direction, port, bit, control, COM shift, compare]. */
const PINS: Record<string, readonly [number, number, number, number, number, number]> = {
  D3: [0x2a, 0x2b, 3, 0xb0, 4, 0xb4],
  D5: [0x2a, 0x2b, 5, 0x44, 4, 0x48],
  D6: [0x2a, 0x2b, 6, 0x44, 6, 0x47],
  D9: [0x24, 0x25, 1, 0x80, 6, 0x88],
  D10: [0x24, 0x25, 2, 0x80, 4, 0x8a],
  D11: [0x24, 0x25, 3, 0xb0, 6, 0xb3],
};

for (const [pin, [direction, port, bit, control, shift, compare]] of Object.entries(PINS)) {
  test(`the duty of ${pin} is read from its registers`, () => {
    const data = new Uint8Array(0x100);
    data[port] = 1 << bit;
    assert.equal(pwmDuty(data, pin), 0, 'an input with its pull-up on');
    data[direction] = 1 << bit;
    assert.equal(pwmDuty(data, pin), 1, 'digitalWrite HIGH');
    data[port] = 0;
    assert.equal(pwmDuty(data, pin), 0, 'digitalWrite LOW');
    data[control] = 2 << shift;
    data[compare] = 51;
    assert.equal(pwmDuty(data, pin), 0.2, 'analogWrite 51');
  });
}

test('a pin without PWM has no duty', () => {
  assert.equal(pwmDuty(new Uint8Array(0x100).fill(0xff), 'D4'), 0);
});
