// Devices that need time, or more than one read: each as a description, with the bytes of the whole conversation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../bridge/bus/queue.js';
import { DeviceClient } from '../../bridge/device/client.js';
import { GatewayError } from '../../shared/errors.js';
import type { I2cTransaction } from '../../shared/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import { deviceOf } from '../support/bus/sample-yaml.js';
import { ScriptedBus } from '../support/bus/scripted-bus.js';

/** What a read brings: bytes, or no acknowledgement. */
type Answer = readonly number[] | 'no_ack';

interface Talk {
  readonly name: string;
  readonly sample: string;
  /** One a read; the last one again where there are more. */
  readonly answers: readonly Answer[];
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors?: Readonly<Record<string, string>>;
  /** What reading rejects with. */
  readonly fails?: string;
  /** `w`rite and `r`ead of so many bytes, with the ms at which they began. */
  readonly wire: readonly string[];
}

const ascii = (text: string, length: number): number[] => [...Buffer.from(text.padEnd(length, '\0'))];
const EZO = `every: 2s, write: [0x52], delay: 900ms, read: 8, status: { 1: ok, 2: syntax error, 254: busy, 255: no data },
  until_ready: { again: 100ms, within: 1s }, fields: { ph: { type: decimal, length: 7, min: 0, max: 14 } }`;
const GROVE = `write: [0x01, 0x03, 0x00, 0x00, 0x00], delay: 2ms, read: 3, echo: 1,
  until_ready: { again: 3ms, within: 30ms, busy: [0x17, 0xFF] }, fields: { light: { type: uint16be, max: 1023 } }`;

const TALKS: readonly Talk[] = [
  {
    name: 'an ASCII command, 0.9 s, and a status byte (Atlas EZO)',
    sample: EZO,
    answers: [[1, ...ascii('7.002', 7)]],
    values: { ph: 7.002 },
    wire: ['0 w52', '900 r8'],
  },
  {
    name: 'the same when it is still busy twice: the read is repeated, the command is not',
    sample: EZO,
    answers: [
      [254, ...ascii('', 7)],
      [254, ...ascii('', 7)],
      [1, ...ascii('7.002', 7)],
    ],
    values: { ph: 7.002 },
    wire: ['0 w52', '900 r8', '1000 r8', '1100 r8'],
  },
  {
    name: 'a status that is an error ends it at once (Atlas EZO)',
    sample: EZO,
    answers: [[2, ...ascii('', 7)]],
    values: { ph: null },
    errors: { ph: 'device_error' },
    wire: ['0 w52', '900 r8'],
  },
  {
    name: 'a command, a delay, and a plain read with echo (GrovePi)',
    sample: GROVE,
    answers: [[1, 0x02, 0x11]],
    values: { light: 529 },
    wire: ['0 w0103000000', '2 r3'],
  },
  {
    name: 'a command whose data is not available yet (GrovePi 23 and 255)',
    sample: GROVE,
    answers: [
      [0x17, 0, 0],
      [0xff, 0xff, 0xff],
      [1, 0x02, 0x11],
    ],
    values: { light: 529 },
    wire: ['0 w0103000000', '2 r3', '5 r3', '8 r3'],
  },
  {
    name: 'a device that stays busy: it ends with the time that is given, and the code says so',
    sample: `write: [0x10], read: 2, until_ready: { again: 10ms, within: 30ms, busy: [0x80] }, fields: { a: { type: uint16be } }`,
    answers: [[0x80, 0]],
    values: { a: null },
    errors: { a: 'device_busy' },
    wire: ['0 w10', '0 r2', '10 r2', '20 r2', '30 r2'],
  },
  {
    name: 'a sensor that does not acknowledge while it measures (HTU21D)',
    sample: `write: [0xF3], read: 3, check: { kind: crc8, poly: 0x31 }, until_ready: { again: 10ms, within: 100ms, no_ack: true },
      fields: { temperature: { type: uint16be, bits: [2, 15], scale: 0.010726, offset: -46.85, round: 1 } }`,
    answers: ['no_ack', 'no_ack', [0x68, 0x3a, 0x7c]],
    values: { temperature: 24.7 },
    wire: ['0 wf3', '0 r3', '10 r3', '20 r3'],
  },
  {
    name: 'busy by the highest bit of the last byte: one read more (a pressure sensor)',
    sample: `write: [0x8C], delay: 270ms, read: 4, until_ready: { again: 10ms, when: { at: -1, mask: 0x80, is: 0 } },
      fields: { pressure: { type: uint24be } }`,
    answers: [
      [0, 0, 0, 0x8c],
      [1, 0x86, 0xa0, 0x0c],
    ],
    values: { pressure: 100_000 },
    wire: ['0 w8c', '270 r4', '280 r4'],
  },
  {
    name: 'an absent device, where no acknowledgement does not mean that it measures',
    sample: `write: [0x10], read: 2, status: { 1: ok, 2: busy }, until_ready: {}, fields: { a: { type: uint8 } }`,
    answers: ['no_ack'],
    fails: 'no_ack',
    values: {},
    wire: ['0 w10', '0 r2'],
  },
  {
    name: 'a register behind a repeated START, addressed anew by each read',
    sample: `write: [0x71], read: 2, repeated_start: true, status: { 0x18: ok, 0x98: busy }, until_ready: { again: 5ms },
      fields: { a: { type: uint8 } }`,
    answers: [
      [0x98, 0],
      [0x18, 7],
    ],
    values: { a: 7 },
    wire: ['0 w71 r2', '5 w71 r2'],
  },
  {
    name: 'a pointer, then a packed struct byte by byte (Pololu)',
    sample: `write: [0x27], delay: 0.1ms, read: 5, bytewise: true,
      fields: { yellow: { type: bool }, battery: { type: uint16le, unit: mV }, count: { type: int16le } }`,
    answers: [[1], [0x74], [0x0e], [0xfe], [0xff]],
    values: { yellow: true, battery: 3700, count: -2 },
    wire: ['0 w27', '0.1 r1', '0.1 r1', '0.1 r1', '0.1 r1', '0.1 r1'],
  },
];

function shown(ms: number, { write, readLength }: I2cTransaction): string {
  const parts = [
    ...(write === undefined ? [] : [`w${Buffer.from(write).toString('hex')}`]),
    ...(readLength === undefined ? [] : [`r${String(readLength)}`]),
  ];
  return `${String(Math.round(ms * 10) / 10)} ${parts.join(' ')}`;
}

for (const { name, sample, answers, values, errors = {}, fails, wire } of TALKS) {
  test(`${name} is described and read`, async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    const left = [...answers];
    const bus = new ScriptedBus(clock, (transaction) => {
      seen.push(shown(clock.monotonicMs(), transaction));
      if (transaction.readLength === undefined) return {};
      const answer = left.length > 1 ? left.shift() : left[0];
      if (answer === 'no_ack') return { error: new GatewayError('no_ack', 'it measures') };
      return answer === undefined ? {} : { bytes: answer };
    });
    const device = deviceOf(sample.replace(/\s+/g, ' '));
    const client = new DeviceClient(device, new BusQueue({ bus, clock, limit: 8 }), clock);
    const [spec] = device.type.samples;
    assert.ok(spec);
    const read = client.read(spec);
    if (fails !== undefined) await Promise.all([assert.rejects(read, { code: fails }), clock.advance(5000)]);
    else {
      const [reading] = await Promise.all([read, clock.advance(5000)]);
      assert.deepEqual({ values: reading.values, errors: reading.errors }, { values, errors });
    }
    assert.deepEqual(seen, wire);
    assert.equal(clock.waiting, 0);
  });
}
