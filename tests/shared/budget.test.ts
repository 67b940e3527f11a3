import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceLoad, sampleTimeMs, readsPerMs, scheduledLoad } from '../../shared/config/budget.js';
import type { Device, SampleSpec } from '../../shared/device-type.js';

const SPEED = 100_000;
/** START, STOP and the address byte come with every transfer; each byte is 9 bits. */
const bits = (bytes: number): number => 2 + (bytes + 1) * 9;

const plain: SampleSpec = {
  write: Uint8Array.of(0x10),
  readLength: 6,
  repeatedStart: false,
  everyMs: 1000,
  fields: [],
};

function deviceOf(...samples: SampleSpec[]): Device {
  const none = { commands: new Map(), onConnect: [], onStop: [], constants: [], parameters: new Map() };
  return { id: 'it', bus: 'main', address: 8, type: { id: 'type', restMs: 2, samples, ...none } };
}

function close(value: number, expected: number): void {
  assert.ok(Math.abs(value - expected) < 1e-9, `${String(value)} is not ${String(expected)}`);
}

test('a sample in one go takes its bytes, its addresses and one rest', () => {
  close(sampleTimeMs(plain, 2, SPEED), (bits(1) + bits(6)) / 100 + 2);
});

test('with a delay there are two transactions with a rest each, and the delay is the others’', () => {
  const slow = { ...plain, delayMs: 500 };
  close(sampleTimeMs(slow, 2, SPEED), (bits(1) + bits(6)) / 100 + 4);
  close(deviceLoad(deviceOf(slow), SPEED), ((bits(1) + bits(6)) / 100 + 4 + 500) / 1000);
  close(scheduledLoad([deviceOf(slow)], SPEED), ((bits(1) + bits(6)) / 100 + 4) / 1000);
});

test('byte by byte every byte has its own address and its own rest', () => {
  const bytewise = { ...plain, bytewise: true };
  close(sampleTimeMs(bytewise, 2, SPEED), (bits(1) + 6 * bits(1)) / 100 + 7 * 2);
  close(readsPerMs(deviceOf(bytewise)), 1 / 1000);
});

test('transactions of all samples of a device add up', () => {
  close(readsPerMs(deviceOf(plain, { ...plain, everyMs: 100, delayMs: 5 })), 1 / 1000 + 1 / 100);
});

test('behind a multiplexer each read may need the byte that selects its channel', () => {
  const behind = { ...deviceOf(plain), via: { mux: 0x70, channel: 1 } };
  const more = scheduledLoad([behind], SPEED) - scheduledLoad([deviceOf(plain)], SPEED);
  close(more, bits(1) / 100 / 1000);
});
