// What a device's trace keeps, and what it is taken for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import { TRACE_BYTES, TRACE_LENGTH } from '../../../bridge/trace/ring.js';
import { Traces } from '../../../bridge/trace/traces.js';
import { withChecksum } from '../../../shared/codec/checksum.js';
import { GatewayError } from '../../../shared/errors.js';
import { tankConfig } from '../../support/bus/devices.js';
import { deviceOfType } from '../../support/bus/sample-yaml.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus, type Behaviour } from '../../support/bus/scripted-bus.js';

const BODY = [0xd2, 0x04, 0x90, 0x01];

function setUp(behaviour: Behaviour) {
  const clock = new FakeClock();
  const bus = new ScriptedBus(clock, behaviour);
  const queue = new BusQueue({ bus, clock, limit: 256 });
  const { devices } = tankConfig();
  const device = devices.get('tank-1');
  const sample = device?.type.samples[0];
  if (device === undefined || sample === undefined) throw new Error('no tank-1');
  const traces = new Traces(devices, clock);
  const traced = traces.traced(device, queue);
  const sealed = withChecksum(Uint8Array.from(BODY), sample.check, {
    address: device.address,
    write: sample.write,
  });
  return { clock, bus, queue, device, sample, traces, traced, sealed: [...sealed] };
}

test('a poll is kept as its bytes, with what they mean, how long they took and when', async () => {
  const world = setUp(() => ({ takesMs: 3, bytes: world.sealed }));
  const { clock, sample, traces, traced, device } = world;
  const reading = new DeviceClient(device, traced, clock).read(sample);
  await clock.advance(10);
  const [kept, ...more] = traces.answer({ device: 'tank-1' }).devices['tank-1'] ?? [];
  assert.deepEqual(more, []);
  assert.deepEqual(kept, {
    ts: (await reading).ts,
    priority: 'poll',
    code: 'ok',
    waitedMs: 0,
    ms: 3,
    write: '10',
    readLength: 5,
    read: Buffer.from(world.sealed)
      .toString('hex')
      .toUpperCase()
      .replaceAll(/..(?=.)/g, '$& '),
    values: { temperature: 12.34, level: 400 },
  });
});

test('a wrong checksum keeps its bytes and says that nothing of them is believed', async () => {
  const { clock, sample, traces, traced, device } = setUp(() => ({ bytes: [1, 2, 3, 4, 5] }));
  void new DeviceClient(device, traced, clock).read(sample);
  await clock.advance(10);
  const [kept] = traces.answer({ device: 'tank-1' }).devices['tank-1'] ?? [];
  assert.equal(kept?.read, '01 02 03 04 05');
  assert.equal(kept.fault, 'checksum');
  assert.equal(kept.values, undefined);
});

test('a read behind a delay is told by the write before it', async () => {
  const world = setUp(({ readLength = 0 }) => ({ bytes: readLength === 0 ? [] : world.sealed }));
  const { clock, sample, traces, traced, device } = world;
  void new DeviceClient(device, traced, clock).read({ ...sample, delayMs: 50 });
  await clock.advance(100);
  const [asked, read] = traces.answer({ device: 'tank-1' }).devices['tank-1'] ?? [];
  assert.deepEqual([asked?.write, asked?.read, asked?.values], ['10', undefined, undefined]);
  assert.deepEqual([read?.write, read?.values], [undefined, { temperature: 12.34, level: 400 }]);
});

test('bytes that are read one by one mean something once the last of them is there', async () => {
  const left = [...BODY, 0];
  const { clock, sample, traces, traced, device } = setUp(({ readLength = 0 }) => ({
    bytes: readLength === 0 ? [] : [left.shift() ?? 0],
  }));
  const { check, ...unchecked } = sample;
  assert.ok(check);
  const bytewise = { ...unchecked, bytewise: true, readLength: 4 };
  const samples = [bytewise];
  Object.assign(device.type, { samples });
  void new DeviceClient(device, traced, clock).read(bytewise);
  await clock.advance(100);
  const [asked, ...reads] = traces.answer({ device: 'tank-1' }).devices['tank-1'] ?? [];
  const [last] = traces.answer({ device: 'tank-1', last: 1 }).devices['tank-1'] ?? [];
  assert.deepEqual(last, reads.at(-1));
  assert.deepEqual([asked?.write, asked?.values], ['10', undefined]);
  assert.deepEqual(
    reads.map(({ read, values }) => [read, values]),
    [
      ['D2', undefined],
      ['04', undefined],
      ['90', undefined],
      ['01', { temperature: 12.34, level: 400 }],
    ],
  );
});

test('a read without a register is told whatever was written to the device before', async () => {
  const world = setUp(({ readLength = 0 }) => ({ bytes: readLength === 0 ? [] : BODY }));
  const { clock, sample, traces, traced, device } = world;
  const { check, ...unchecked } = sample;
  assert.ok(check);
  const plain = { ...unchecked, write: new Uint8Array(), readLength: 4 };
  Object.assign(device.type, { samples: [plain] });
  void traced.transfer({ address: 8, write: Uint8Array.of(0x20, 7) }, { priority: 'command' });
  void new DeviceClient(device, traced, clock).read(plain);
  await clock.advance(100);
  const [, read] = traces.answer({ device: 'tank-1' }).devices['tank-1'] ?? [];
  assert.deepEqual(read?.values, { temperature: 12.34, level: 400 });
});

test('a check over the register and the address holds in the trace as it does in the reading', async () => {
  const { clock, sample, traces, traced, device } = setUp(() => ({ bytes: sealed }));
  const check = { kind: 'crc8', over: 'pec' } as const;
  const context = { address: device.address, write: sample.write };
  const sealed = [...withChecksum(Uint8Array.from(BODY), check, context)];
  const packet = { ...sample, check };
  Object.assign(device.type, { samples: [packet] });
  void new DeviceClient(device, traced, clock).read(packet);
  await clock.advance(100);
  const [kept] = traces.answer({ device: 'tank-1' }).devices['tank-1'] ?? [];
  assert.deepEqual(kept?.values, { temperature: 12.34, level: 400 });
});

test('what failed has its code; what never had its turn has no time on the bus, and counts for none', async () => {
  const error = new GatewayError('no_ack', 'nobody');
  const { clock, traces, traced } = setUp(() => ({ takesMs: 5, error }));
  const failed = traced.transfer({ address: 8, readLength: 1 }, { priority: 'poll' });
  const late = traced.transfer({ address: 8, readLength: 1 }, { priority: 'poll', deadlineMs: 1 });
  const both = Promise.allSettled([failed, late]);
  await clock.advance(20);
  await both;
  const kept = traces.answer({}).devices['tank-1'] ?? [];
  assert.deepEqual(
    kept.map(({ code, ms }) => [code, ms]),
    [
      ['overdue', undefined],
      ['no_ack', 5],
    ],
  );
  assert.deepEqual(traces.of('tank-1').traffic(), {
    ...{ transactions: 1, failures: 1, busyMs: 5, longestMs: 5, goodPolls: 0, goodPollMs: 0 },
  });
});

test('time in the queue and a rest behind are no time of the transaction, but the rest is the bus’s', async () => {
  const { clock, traces, traced } = setUp(() => ({ takesMs: 4, bytes: [7] }));
  for (const priority of ['poll', 'poll'] as const)
    void traced.transfer({ address: 8, readLength: 1 }, { priority, restMs: 6 });
  await clock.advance(50);
  const kept = traces.answer({}).devices['tank-1'] ?? [];
  assert.deepEqual(
    kept.map(({ waitedMs, ms }) => [waitedMs, ms]),
    [
      [0, 4],
      [10, 4],
    ],
  );
  assert.equal(traces.of('tank-1').traffic().busyMs, 20);
});

test('only the last transactions are kept, and of long ones only the beginning', async () => {
  const { clock, traces, traced } = setUp(({ readLength = 0 }) => ({
    bytes: readLength === 0 ? [] : Array.from({ length: 8192 }, () => 1),
  }));
  for (let index = 0; index < TRACE_LENGTH + 5; index += 1) {
    void traced.transfer({ address: 8, write: Uint8Array.of(index) }, { priority: 'poll' });
    await clock.advance(1);
  }
  const kept = traces.answer({ device: 'tank-1', last: 1000 }).devices['tank-1'] ?? [];
  assert.equal(kept.length, TRACE_LENGTH);
  assert.deepEqual([kept[0]?.write, kept.at(-1)?.write], ['05', '68']);
  void traced.transfer({ address: 8, readLength: 32 }, { priority: 'poll' });
  await clock.advance(1);
  assert.equal(traces.of('tank-1').last(1)[0]?.read?.buffer.byteLength, TRACE_BYTES);
});

test('of each device come as many as were asked for', async () => {
  const { clock, traced, traces } = setUp(() => ({ bytes: [0] }));
  for (let time = 0; time < 3; time += 1) {
    void traced.transfer({ address: 8, readLength: 1 }, { priority: 'poll' });
    await clock.advance(1);
  }
  assert.equal(traces.answer({ last: 2 }).devices['tank-1']?.length, 2);
});

test('an unknown device and a wrong shape are refused by their codes', () => {
  const { traces } = setUp(() => ({}));
  assert.throws(() => traces.answer({ device: 'nobody' }), { code: 'unknown_device' });
  assert.throws(() => traces.answer({ last: 0 }), { code: 'bad_payload' });
});

test('a trace tells channels apart that are read alike, and what is computed of all replies of a conversation', async () => {
  const channel = (mux: string, id: string): string =>
    `{ every: 1s, steps: [ { write: [1, ${mux}] }, { write: [0], read: 2, fields: { ${id}: { type: uint16be } } } ] }`;
  const device = deviceOfType(
    `constants: [ { write: [9], read: 1, fields: { gain: { type: uint8 } } } ], samples: [ ${channel('0xC3', 'a0')}, ${channel('0xD3', 'a1')},
      { every: 1s, steps: [ { write: [5], read: 1, until_ready: { when: { is: 7 } }, fields: { low: { type: uint8, hidden: true } } },
        { write: [6], read: 1, fields: { high: { type: uint8, hidden: true } } } ], fields: { sum: { compute: (high * 256 + low) * gain } } } ]`.replaceAll(
      /\s+/g,
      ' ',
    ),
  );
  const clock = new FakeClock();
  const replies = [[3], [0, 1], [0, 2], [6], [7], [1]];
  const bus = new ScriptedBus(clock, ({ readLength }) => ({
    bytes: readLength === undefined ? [] : (replies.shift() ?? []),
  }));
  const traces = new Traces(new Map([[device.id, device]]), clock);
  const traced = traces.traced(device, new BusQueue({ bus, clock, limit: 8 }));
  const client = new DeviceClient(device, traced, clock);
  traces.knows(device.id, () => client.known);
  await Promise.all([client.learn(), clock.advance(10)]);
  for (const sample of device.type.samples) await Promise.all([client.read(sample), clock.advance(100)]);
  const told = (traces.answer({}).devices[device.id] ?? []).flatMap(({ values, errors }) =>
    values === undefined ? [] : [{ ...values, ...errors }],
  );
  assert.deepEqual(told, [{ a0: 1 }, { a1: 2 }, { low: 7 }, { high: 1, sum: 789 }]);
});
