// What people really have on their buses, each as a description and the bytes of one reply, through the device client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../bridge/bus/queue.js';
import { DeviceClient } from '../../bridge/device/client.js';
import type { I2cTransaction } from '../../shared/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import { deviceOf } from '../support/bus/sample-yaml.js';
import { ScriptedBus } from '../support/bus/scripted-bus.js';

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
    name: 'ASCII behind which the bus was released',
    sample: `read: 8, split: ';', fields: { humidity: { type: decimal }, door: { type: text } }`,
    reply: [...new TextEncoder().encode('48;shut'), 0xff],
    values: { humidity: 48, door: 'shut' },
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
  {
    name: 'an SMBus word (TI fuel gauge)',
    sample: `write: [0x09], read: 2, repeated_start: true, fields: { voltage: { type: uint16le, unit: mV } }`,
    address: 0x55,
    reply: '74 0e',
    values: { voltage: 3700 },
    sent: { write: Uint8Array.of(0x09), readLength: 2, repeatedStart: true },
  },
  {
    name: 'a frame of start, length, payload, CRC and end',
    sample: `read: 10, frame: { start: [0x02], length: body, end: [0x03] }, check: { kind: crc8, skip: 1 },
      fields: { temperature: { type: int16be, scale: 0.1 }, humidity: { type: uint8 } }`,
    reply: '02 03 00d7 30 7b 03 ff ff ff',
    values: { temperature: 21.5, humidity: 48 },
  },
  {
    name: 'a frame whose length counts all of it, under a CRC-16',
    sample: `read: 8, frame: { start: [0xAA, 0x55], length: all }, check: { kind: crc16, init: 0xFFFF },
      fields: { level: { type: uint16le }, full: { type: bool } }`,
    reply: 'aa 55 08 f401 00 d63f',
    values: { level: 500, full: false },
  },
  {
    name: 'a frame that does not begin as described',
    sample: `read: 6, frame: { start: [0x02], end: [0x03] }, fields: { level: { type: uint16le } }`,
    reply: '00 02 f401 03 ff',
    values: { level: null },
    errors: { level: 'wrong_frame' },
  },
  {
    name: 'a length prefix with a stray 0 before it',
    sample: `read: 8, frame: { stray: 0, length: body }, fields: { a: { type: uint16be }, b: { type: uint16be } }`,
    reply: '00 04 0102 0304 ff ff',
    values: { a: 0x0102, b: 0x0304 },
  },
  {
    name: 'the same length prefix when the stray 0 is not there',
    sample: `read: 8, frame: { stray: 0, length: body }, fields: { a: { type: uint16be }, b: { type: uint16be } }`,
    reply: '04 0102 0304 ff ff ff',
    values: { a: 0x0102, b: 0x0304 },
  },
  {
    name: 'a length that is more than what was read',
    sample: `read: 8, frame: { stray: 0, length: body }, fields: { a: { type: uint16be }, b: { type: uint16be } }`,
    reply: '00 44 0102 0304 ff ff',
    values: { a: null, b: null },
    errors: { a: 'wrong_frame', b: 'wrong_frame' },
  },
  {
    name: 'a payload that is shorter than its fields',
    sample: `read: 8, frame: { length: body }, fields: { a: { type: uint16be }, b: { type: uint16be }, note: { type: text, length: 3 } }`,
    reply: '03 0102 03 ff ff ff ff',
    values: { a: 0x0102, b: null, note: null },
    errors: { b: 'short_reply', note: 'short_reply' },
  },
  {
    name: 'ASCII behind its length',
    sample: `read: 12, frame: { length: body }, fields: { weight: { type: decimal, length: 11, unit: g } }`,
    reply: [5, ...new TextEncoder().encode('-12.5'), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    values: { weight: -12.5 },
  },
  {
    name: 'all zeros under a CRC that holds',
    sample: `write: [0x10], read: 4, check: { kind: crc8 }, fields: { a: { type: uint16le }, b: { type: uint8 } }`,
    reply: '0000 00 00',
    values: { a: 0, b: 0 },
  },
  {
    name: 'all FF with its own CRC',
    sample: `write: [0x10], read: 4, check: { kind: crc8 }, fields: { a: { type: int16le }, b: { type: int8 } }`,
    reply: 'ffff ff 0f',
    values: { a: -1, b: -1 },
  },
  {
    name: 'a silent bus for which the check happens to hold',
    sample: `write: [0x10], read: 4, check: { kind: xor8 }, fields: { a: { type: int16le }, b: { type: int8 } }`,
    reply: 'ffff ff ff',
    values: { a: null, b: null },
    errors: { a: 'empty_reply', b: 'empty_reply' },
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
