// Any description that check takes, at random: what --simulate makes of it is believed, the trace says the same of its bytes
// as the reading does, and whatever bytes come in its place nothing is thrown but an error with a code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DeviceClient } from '../../bridge/device/client.js';
import { Traces } from '../../bridge/trace/traces.js';
import { parseConfig } from '../../gateway/config/load.js';
import { DescribedTarget } from '../../gateway/i2c/simulated/described-target.js';
import { SimulatedBus } from '../../gateway/i2c/simulated/bus.js';
import { NUMBER_TYPE_NAMES } from '../../shared/codec/wire-types.js';
import { GatewayError } from '../../shared/errors.js';
import type { I2cTransaction, QueuedI2cBus } from '../../shared/ports.js';
import type { Value } from '../../shared/sample.js';
import { FakeClock } from '../support/fake-clock.js';
import { RecordingLog } from '../support/recording-log.js';

const RUNS = Number(process.env['TYPE_RUNS'] ?? 150);
const WHOLE = NUMBER_TYPE_NAMES.filter((name) => /^(u?int|signmag)(8|16|24|32)/.test(name));

const field = fc.oneof(
  fc.record(
    { type: fc.constantFrom(...WHOLE), scale: fc.constantFrom(0.1, 2), hidden: fc.boolean() },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constantFrom('uint16be', 'uint32le'), swap: fc.constantFrom('words', 'bytes') }),
  fc.record({ type: fc.constantFrom('uint16le', 'uint8'), mask: fc.constantFrom(0x81, 0x04) }),
  fc.record({ type: fc.constant('int16be'), bits: fc.constantFrom([4, 15], [0, 11]) }),
  fc.record({ type: fc.constant('uint8'), each: fc.constantFrom(2, 3) }),
  fc.constant({ type: 'int8', min: -5, max: 5, clamp: true }),
  fc.constant({ type: 'float32be' }),
);

const around = fc.record(
  {
    check: fc.constantFrom({ kind: 'crc8' }, { kind: 'crc16', order: 'le' }, { kind: 'sum8', init: 1 }),
    valid: fc.constantFrom({ mask: 0x80, is: 0 }, { at: -1, not: 0xff }),
    status: fc.constant({ '1': 'ok', '2': 'busy' }),
    frame: fc.constant({ start: [0x7e], end: [0x0a] }),
    delay: fc.constant('3ms'),
    configured: fc.constant({ mask: 0x40, is: 0x40 }),
    until_ready: fc.constant({ when: { mask: 0x20, is: 0 } }),
  },
  { requiredKeys: [] },
);

const step = fc.record({ fields: fc.array(field, { minLength: 1, maxLength: 4 }), around });

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Room for its fields; bytes that are over are no mistake. */
function readLength({ around: more }: Step): number {
  return 24 + (more.frame === undefined ? 0 : 2);
}

function isNumber(spec: Step['fields'][number] | undefined): boolean {
  return spec !== undefined && !('mask' in spec) && !('each' in spec);
}

function described(steps: readonly Step[]): string {
  const written = steps.map((one, at) => {
    const fields = one.fields.map((spec, index) => [`f${String(at)}${String(index)}`, spec] as const);
    return { write: [0x10 + at], read: readLength(one), ...one.around, fields: Object.fromEntries(fields) };
  });
  // Of what each step reads first, where that is a number.
  const names = steps.flatMap(({ fields: [first] }, at) => (isNumber(first) ? [`f${String(at)}0`] : []));
  const told = { sum: { compute: ['1', ...names].join(' + ') } };
  const [only] = written;
  const sample =
    written.length === 1 ? { every: '1s', ...only } : { every: '1s', steps: written, fields: told };
  const whole = {
    ...{ gateway: 'test', buses: { main: { path: '/dev/i2c-none' } }, types: { it: { samples: [sample] } } },
    devices: { it: { type: 'it', bus: 'main', address: 9 } },
  };
  return JSON.stringify(whole);
}

async function passing<T>(work: Promise<T>, clock: FakeClock): Promise<T> {
  const state = { isOver: false };
  const over = (): void => void (state.isOver = true);
  work.then(over, over);
  while (!state.isOver) await clock.advance(20);
  return work;
}

function busOf(transfer: (transaction: I2cTransaction) => Promise<Uint8Array>): QueuedI2cBus {
  return { transfer, converse: (talk) => talk(transfer, new AbortController().signal) };
}

test('any type: simulated, read and traced alike; and any bytes in its place are values or errors', async () => {
  let sound = 0;
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: 3 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    async (steps, noise) => {
      let config;
      try {
        config = parseConfig(described(steps), 'any.yaml');
      } catch (thrown) {
        assert.ok(thrown instanceof GatewayError && thrown.code === 'config_invalid', String(thrown));
        return;
      }
      sound += 1;
      const device = config.devices.get('it');
      const [sample] = device?.type.samples ?? [];
      assert.ok(device && sample);
      const clock = new FakeClock();
      const bus = new SimulatedBus({ clock, log: new RecordingLog() });
      bus.attach(9, new DescribedTarget({ type: device.type, phase: 0.2, clock }));
      const traces = new Traces(config.devices, clock);
      const traced = traces.traced(
        device,
        busOf((transaction) => bus.transfer(transaction)),
      );
      const reading = await passing(new DeviceClient(device, traced, clock).read(sample), clock);
      assert.equal(reading.fault, undefined, reading.fault?.message);
      const seen: Record<string, Value> = {};
      for (const one of traces.answer({ device: 'it' }).devices['it'] ?? []) Object.assign(seen, one.values);
      for (const [id, value] of Object.entries(reading.values)) assert.deepEqual(seen[id], value, id);
      const noisy = busOf(({ readLength: length = 0 }) => Promise.resolve(noise.slice(0, length)));
      const other = await passing(new DeviceClient(device, noisy, clock).read(sample), clock);
      for (const { id } of sample.fields)
        assert.equal(other.values[id] === null, other.errors[id] !== undefined, id);
    },
  );
  await fc.assert(property, { numRuns: RUNS });
  assert.ok(sound > RUNS / 3, String(sound));
});
