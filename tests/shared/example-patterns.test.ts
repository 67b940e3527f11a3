// gateway/example/patterns.yaml, which docs/device-patterns.md sends people to: each type of it with the bytes of a
// whole conversation.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BusQueue } from '../../bridge/bus/queue.js';
import { DeviceClient } from '../../bridge/device/client.js';
import type { Reading } from '../../bridge/device/reader.js';
import { parseConfig } from '../../gateway/config/load.js';
import type { I2cTransaction } from '../../shared/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import { ScriptedBus } from '../support/bus/scripted-bus.js';

const FILE = fileURLToPath(new URL('../../../gateway/example/patterns.yaml', import.meta.url));
const CONFIG = parseConfig(readFileSync(FILE, 'utf8'), FILE);

interface Talk {
  readonly type: string;
  readonly what: string;
  /** What each read brings, one behind the other; text in quotes. */
  readonly replies: readonly string[];
  /** `w`rites and `r`eads of so many bytes, with `S` for a repeated START, and the ms at which they began. */
  readonly wire: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors?: Readonly<Record<string, string>>;
}

const TALKS: readonly Talk[] = [
  {
    ...{ type: 'motor', what: 'register, repeated START, block, sum', replies: ['08d2 0064 3e'] },
    ...{ wire: ['0 w02 S r5'], values: { speed: 2258, load: 10 } },
  },
  {
    ...{ type: 'motor', what: 'a sum that is wrong', replies: ['08d2 0065 3e'], wire: ['0 w02 S r5'] },
    ...{ values: { speed: null, load: null }, errors: { speed: 'checksum', load: 'checksum' } },
  },
  {
    ...{ type: 'grovepi', what: 'command, delay, plain read, echo', replies: ['03 0211'] },
    ...{ wire: ['0 w03000000', '2 r3'], values: { light: 529 } },
  },
  {
    ...{ type: 'grovepi', what: 'busy twice', replies: ['17 ffff', 'ff ffff', '03 0211'] },
    ...{ wire: ['0 w03000000', '2 r3', '5 r3', '8 r3'], values: { light: 529 } },
  },
  {
    ...{ type: 'grovepi', what: 'the answer to another command', replies: ['01 0211'] },
    ...{ wire: ['0 w03000000', '2 r3'], values: { light: null }, errors: { light: 'wrong_echo' } },
  },
  {
    ...{ type: 'pololu', what: 'pointer, then a packed struct byte by byte' },
    replies: ['01', '74', '0e', 'fe', 'ff', '2c', '01'],
    wire: ['0 w00', ...Array.from({ length: 7 }, () => '0.1 r1')],
    values: { yellow: true, battery: 3700, left: -2, right: 300 },
  },
  {
    ...{ type: 'humidity', what: 'a fixed frame without a register', replies: ['5fff 6667'], wire: ['0 r4'] },
    values: { freshness: 'seen', humidity: 50, temperature: 26 },
  },
  {
    ...{ type: 'weather', what: 'padded ASCII, split', replies: ['"21.50;48;open" 00 ffffffffffff'] },
    ...{ wire: ['0 r20'], values: { temperature: 21.5, humidity: 48, door: 'open' } },
  },
  {
    ...{ type: 'weather', what: 'a text in place of a number', replies: ['"-1.5;nan;shut" 00000000000000'] },
    ...{ wire: ['0 r20'], values: { temperature: -1.5, humidity: null, door: 'shut' } },
    errors: { humidity: 'no_value' },
  },
  {
    ...{ type: 'ezo-ph', what: 'ASCII command, 0.9 s, status, ASCII', replies: ['01 "7.002" 0000'] },
    ...{ wire: ['0 w52', '900 r8'], values: { ph: 7.002 } },
  },
  {
    ...{ type: 'ezo-ph', what: 'still busy once', replies: ['fe 00000000000000', '01 "10.31" 0000'] },
    ...{ wire: ['0 w52', '900 r8', '1000 r8'], values: { ph: 10.31 } },
  },
  {
    ...{ type: 'ezo-ph', what: 'no data', replies: ['ff 00000000000000'], wire: ['0 w52', '900 r8'] },
    ...{ values: { ph: null }, errors: { ph: 'device_error' } },
  },
  {
    ...{ type: 'ezo-ec', what: 'several values behind a status', wire: ['0 w52', '600 r32'] },
    replies: [`01 "1413,763,0.70" ${'00'.repeat(18)}`],
    values: { conductivity: 1413, solids: 763, salinity: 0.7 },
  },
  {
    ...{ type: 'station', what: 'start, length, CRC, end', replies: ['02 03 00d7 30 e4 03 ffffff'] },
    ...{ wire: ['0 w10 r10'], values: { temperature: 21.5, humidity: 48 } },
  },
  {
    ...{ type: 'station', what: 'another end', replies: ['02 03 00d7 30 e4 04 ffffff'], wire: ['0 w10 r10'] },
    values: { temperature: null, humidity: null },
    errors: { temperature: 'wrong_frame', humidity: 'wrong_frame' },
  },
  {
    ...{ type: 'logger', what: 'a length behind a stray 0', replies: ['00 04 04d2 09c4 ffff'] },
    ...{ wire: ['0 r8'], values: { channel_1: 1234, channel_2: 2500 } },
  },
  {
    ...{ type: 'logger', what: 'a length without the stray 0', replies: ['04 04d2 09c4 ffffff'] },
    ...{ wire: ['0 r8'], values: { channel_1: 1234, channel_2: 2500 } },
  },
  {
    ...{ type: 'ranger', what: 'a CRC behind each byte, and an error', replies: ['80 89 ff f3'] },
    ...{ wire: ['0 w30 r4'], values: { near: 128, far: null }, errors: { far: 'no_value' } },
  },
  {
    ...{ type: 'ranger', what: 'a wrong CRC of one byte', replies: ['80 89 10 00'], wire: ['0 w30 r4'] },
    ...{ values: { near: null, far: null }, errors: { near: 'checksum', far: 'checksum' } },
  },
  {
    ...{ type: 'sketch', what: 'a C struct with a big-endian word in it', wire: ['0 w10 r13'] },
    replies: ['01 0000ac41 a0860100 feff 278d'],
    values: { state: 'running', temperature: 21.5, uptime: 100_000, drift: -2, pressure: 1012.5 },
  },
  {
    ...{ type: 'battery', what: 'an SMBus word', replies: ['740e'], wire: ['0 w09 S r2'] },
    values: { voltage: 3700 },
  },
  {
    ...{ type: 'battery', what: 'FF FF, which two bytes alone do not give away', replies: ['ffff'] },
    ...{ wire: ['0 w09 S r2'], values: { voltage: null }, errors: { voltage: 'no_value' } },
  },
  {
    ...{ type: 'thermometer', what: 'an SMBus word with its PEC', replies: ['d23a 30'] },
    ...{ wire: ['0 w07 S r3'], values: { object: 28.01 } },
  },
  {
    ...{ type: 'power', what: 'big-endian words, one with flags', replies: ['5dc2', 'fb2e'] },
    wire: ['0 w02 r2', '1000 w04 r2'],
    values: { volts: 12, ready: 'yes', overflow: false, milliamps: -123.4 },
  },
  {
    ...{ type: 'clock', what: 'BCD with a flag in it', replies: ['d9 42 23'], wire: ['0 w00 r3'] },
    values: { seconds: 59, halted: true, minutes: 42, hours: 23 },
  },
];

function bytesOf(reply: string): number[] {
  const parts = reply.split('"').map((part, index) => {
    return index % 2 === 1 ? Buffer.from(part) : Buffer.from(part.replaceAll(' ', ''), 'hex');
  });
  return [...Buffer.concat(parts)];
}

function shown(ms: number, { write, readLength, repeatedStart }: I2cTransaction): string {
  const parts = [
    ...(write === undefined ? [] : [`w${Buffer.from(write).toString('hex')}`]),
    ...(repeatedStart === true ? ['S'] : []),
    ...(readLength === undefined ? [] : [`r${String(readLength)}`]),
  ];
  return `${String(Math.round(ms * 10) / 10)} ${parts.join(' ')}`;
}

function deviceOf(type: string) {
  const device = [...CONFIG.devices.values()].find((one) => one.type.id === type);
  assert.ok(device, `no device is of type ${type}`);
  return device;
}

/** All samples of the device, read a second apart. */
async function readAll({ type, replies }: Talk) {
  const clock = new FakeClock();
  const wire: string[] = [];
  const left = replies.map(bytesOf);
  const bus = new ScriptedBus(clock, (transaction) => {
    wire.push(shown(clock.monotonicMs(), transaction));
    return transaction.readLength === undefined ? {} : { bytes: left.shift() ?? [] };
  });
  const device = deviceOf(type);
  const client = new DeviceClient(device, new BusQueue({ bus, clock, limit: 8 }), clock);
  const readings: Reading[] = [];
  for (const sample of device.type.samples) {
    const [reading] = await Promise.all([client.read(sample), clock.advance(1000)]);
    readings.push(reading);
  }
  return { readings, wire, left };
}

for (const talk of TALKS) {
  test(`${talk.type}: ${talk.what}`, async () => {
    const { readings, wire, left } = await readAll(talk);
    const values: unknown = Object.assign({}, ...readings.map((reading) => reading.values));
    const errors: unknown = Object.assign({}, ...readings.map((reading) => reading.errors));
    assert.deepEqual({ values, errors }, { values: talk.values, errors: talk.errors ?? {} });
    assert.deepEqual(wire, talk.wire);
    assert.equal(left.length, 0, 'more bytes than reads');
  });
}

test('no type of the file is without its bytes here', () => {
  const told = new Set(TALKS.map(({ type }) => type));
  assert.deepEqual([...new Set([...CONFIG.devices.values()].map(({ type }) => type.id))], [...told]);
});
