// What people really have on their buses, each as a description and the bytes of one reply, through the device client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../bridge/bus-queue.js';
import { DeviceClient } from '../../bridge/device-client.js';
import type { I2cTransaction } from '../../shared/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import { deviceOf } from '../support/sample-yaml.js';
import { ScriptedBus } from '../support/scripted-bus.js';

interface Pattern {
  readonly name: string;
  readonly sample: string;
  readonly address?: number;
  readonly reply: string | readonly number[];
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors?: Readonly<Record<string, string>>;
  readonly sent?: Partial<I2cTransaction>;
}

const PATTERNS: readonly Pattern[] = [
  {
    name: 'a register, a repeated start, a block and its sum',
    sample: `write: [0x02], read: 5, repeated_start: true, check: { kind: sum8 },
      fields: { speed: { type: uint16be }, load: { type: uint16be } }`,
    reply: '08d2 0064 3e',
    values: { speed: 2258, load: 100 },
    sent: { write: Uint8Array.of(0x02), readLength: 5, repeatedStart: true },
  },
  {
    name: 'a big-endian register with flags on its right (INA219 bus voltage)',
    sample: `write: [0x02], read: 2, fields: { overflow: { type: bit, at: 1, bit: 0 },
      ready: { type: bit, at: 1, bit: 1 }, volts: { type: uint16be, at: 0, bits: [3, 15], scale: 0.004 } }`,
    reply: '5dc2',
    values: { overflow: false, ready: true, volts: 12 },
  },
  {
    name: 'a C struct as avr-gcc packs it: no padding, little-endian',
    sample: `write: [0x00], read: 11, fields: { state: { type: uint8, names: { 0: idle, 1: running } },
      temperature: { type: float32le }, uptime: { type: uint32le, unit: ms }, drift: { type: int16le } }`,
    reply: '01 0000ac41 a0860100 feff',
    values: { state: 'running', temperature: 21.5, uptime: 100_000, drift: -2 },
  },
  {
    name: 'ASCII, split by a delimiter, in a padded buffer',
    sample: `read: 16, split: ';', fields: { temperature: { type: decimal, unit: °C }, humidity: { type: decimal },
      door: { type: text } }`,
    reply: [...new TextEncoder().encode('21.50;48;open'), 0, 0xff, 0xff],
    values: { temperature: 21.5, humidity: 48, door: 'open' },
    sent: { readLength: 16 },
  },
  {
    name: 'a CRC behind every byte, and a number that means an error',
    sample: `write: [0x30], read: 4, check: { kind: crc8, each: 1 },
      fields: { near: { type: uint8 }, far: { type: uint8, none: [0xFF] } }`,
    reply: '80 89 ff f3',
    values: { near: 128, far: null },
    errors: { far: 'no_value' },
  },
  {
    name: 'a CRC behind every word (SHT3x)',
    sample: `write: [0xE0, 0x00], read: 6, check: { kind: crc8, poly: 0x31, init: 0xFF, each: 2 }, fields: {
      temperature: { type: uint16be, scale: 0.00267032883, offset: -45, round: 2 },
      humidity: { type: uint16be, scale: 0.00152590219, round: 1 } }`,
    reply: '6666 93 beef 92',
    values: { temperature: 25, humidity: 74.6 },
  },
  {
    name: 'an SMBus word with its packet error code (MLX90614)',
    sample: `write: [0x07], read: 3, repeated_start: true, check: { kind: crc8, over: pec },
      fields: { object: { type: uint16le, scale: 0.02, offset: -273.15, min: -70, max: 380 } }`,
    address: 0x5a,
    reply: 'd23a 30',
    values: { object: 28.01 },
  },
  {
    name: 'a fixed frame without a register, of packed bits (HIH6130)',
    sample: `read: 4, fields: { freshness: { type: uint16be, bits: [14, 15], names: { 0: fresh, 1: seen } },
      humidity: { type: uint16be, bits: [0, 13], scale: 0.00610426, round: 1 },
      temperature: { type: uint16be, at: 2, bits: [2, 15], scale: 0.010072, offset: -40, round: 1 } }`,
    reply: '5fff 6667',
    values: { freshness: 'seen', humidity: 50, temperature: 26 },
    sent: { readLength: 4 },
  },
  {
    name: 'a command, then a read that begins with the command (GrovePi)',
    sample: `write: [0x03, 0x01, 0x00, 0x00], read: 3, echo: 1, fields: { light: { type: uint16be, max: 1023 } }`,
    reply: '03 0211',
    values: { light: 529 },
  },
  {
    name: 'another command’s answer',
    sample: `write: [0x03, 0x01, 0x00, 0x00], read: 3, echo: 1, fields: { light: { type: uint16be, max: 1023 } }`,
    reply: '17 0211',
    values: { light: null },
    errors: { light: 'wrong_echo' },
  },
  {
    name: 'a status byte and ASCII (Atlas EZO)',
    sample: `read: 8, status: { 1: ok, 2: syntax error, 254: busy, 255: no data }, fields: { ph: { type: decimal, length: 7, min: 0, max: 14 } }`,
    reply: [1, ...new TextEncoder().encode('7.002'), 0, 0],
    values: { ph: 7.002 },
  },
  {
    name: 'a status byte that says busy (Atlas EZO)',
    sample: `read: 8, status: { 1: ok, 254: busy }, fields: { ph: { type: decimal, length: 7 } }`,
    reply: [254, 0, 0, 0, 0, 0, 0, 0],
    values: { ph: null },
    errors: { ph: 'device_busy' },
  },
  {
    name: 'a clock in BCD with a flag in its seconds (DS1307)',
    sample: `write: [0x00], read: 3, fields: { seconds: { type: bcd8, bits: [0, 6] }, halted: { type: bit, bit: 7 },
      minutes: { type: bcd8 }, hours: { type: bcd8, bits: [0, 5] } }`,
    reply: 'd9 42 23',
    values: { seconds: 59, halted: true, minutes: 42, hours: 23 },
  },
];

for (const { name, sample, address = 0x20, reply, values, errors = {}, sent = {} } of PATTERNS) {
  test(`${name} is described and read`, async () => {
    const clock = new FakeClock();
    const bytes = typeof reply === 'string' ? [...Buffer.from(reply.replaceAll(' ', ''), 'hex')] : reply;
    const bus = new ScriptedBus(clock, () => ({ bytes }));
    const device = deviceOf(sample.replace(/\s+/g, ' '), address);
    const client = new DeviceClient(device, new BusQueue({ bus, clock, limit: 8 }), clock);
    const [spec] = device.type.samples;
    assert.ok(spec);
    const [reading] = await Promise.all([client.read(spec), clock.advance(1000)]);
    assert.deepEqual({ values: reading.values, errors: reading.errors }, { values, errors });
    assert.equal(bus.seen.length, 1);
    assert.deepEqual({ ...bus.seen[0], ...sent }, bus.seen[0]);
  });
}
