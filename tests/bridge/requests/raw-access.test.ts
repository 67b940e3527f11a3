// Raw bytes and scans, over the queue that everybody uses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { RawAccess } from '../../../bridge/requests/raw-access.js';
import { GatewayError, type ErrorCode } from '../../../shared/errors.js';
import type { QueuedI2cBus, QueuedTransferOptions } from '../../../shared/ports.js';
import { rawHandlers } from '../../../gateway/parts/raw-handlers.js';
import { Traces } from '../../../bridge/trace/traces.js';
import { tankConfig } from '../../support/bus/devices.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus, type Behaviour } from '../../support/bus/scripted-bus.js';

function setUp(behaviour: Behaviour = () => ({ bytes: [0xab] }), more: readonly string[] = []) {
  const clock = new FakeClock();
  const bus = new ScriptedBus(clock, behaviour);
  const queue = new BusQueue({ bus, clock, limit: 256 });
  const options: QueuedTransferOptions[] = [];
  const asked: QueuedI2cBus = {
    transfer: (transaction, how) => {
      options.push(how);
      return queue.transfer(transaction, how);
    },
    converse: (talk) => queue.converse(talk),
  };
  const devices = new Map(tankConfig().devices);
  const buses = new Map(
    ['main', ...more].map((id, n) => [id, { path: `/dev/i2c-${String(n + 1)}`, bus: asked }]),
  );
  const traces = new Traces(devices, clock);
  const raw = new RawAccess({ buses, devices, clock, busOf: (device) => traces.traced(device, asked) });
  return { clock, bus, raw, traces, options, devices };
}

/** What it settles with, once time has passed. */
async function after<T>(clock: FakeClock, asked: Promise<T>): Promise<T> {
  void Promise.allSettled([asked]);
  await clock.advance(1000);
  return asked;
}

function answering(codes: Readonly<Record<number, ErrorCode>>): Behaviour {
  return ({ address }) => {
    const code = codes[address] ?? (address === 8 || address === 0x20 ? undefined : 'no_ack');
    return code === undefined ? {} : { error: new GatewayError(code, code) };
  };
}

test('a scan moves no byte, asks each address once, and names what is configured, missing, held or failing', async () => {
  const { clock, bus, raw } = setUp(answering({ 0x30: 'address_claimed', 0x40: 'timeout' }));
  const report = await after(clock, raw.scan({}));
  assert.equal(bus.seen.length, 0x77 - 0x04 + 1);
  assert.ok(bus.seen.every(({ write, readLength }) => write === undefined && readLength === undefined));
  assert.deepEqual(report, {
    ...{ bus: 'main', path: '/dev/i2c-1', probe: 'quick' },
    found: [{ address: '0x08', device: 'tank-1', type: 'tank' }, { address: '0x20' }],
    missing: [{ address: '0x09', device: 'tank-2' }],
    claimed: ['0x30'],
    failed: [{ address: '0x40', code: 'timeout', message: 'timeout' }],
  });
});

test('a configured device whose address a driver of the kernel holds is not missing', async () => {
  const { clock, raw } = setUp(answering({ 8: 'address_claimed' }));
  const { claimed, missing } = await after(clock, raw.scan({}));
  assert.deepEqual([claimed, missing.map(({ device }) => device)], [['0x08'], ['tank-2']]);
});

test('a person goes before the polls, and only a read alone is tried again', async () => {
  const { clock, raw, options } = setUp();
  await after(clock, raw.read({ device: 'tank-1', read: 1 }));
  await after(clock, raw.read({ device: 'tank-1', read: 1, write: '10' }));
  await after(clock, raw.write({ device: 'tank-1', write: '10' }));
  assert.deepEqual(
    options.map(({ priority, repeatable = false }) => [priority, repeatable]),
    [
      ['command', true],
      ['command', false],
      ['command', false],
    ],
  );
});

test('where there are several buses one has to be named', async () => {
  const { clock, raw } = setUp(undefined, ['garden']);
  await assert.rejects(after(clock, raw.scan({})), {
    code: 'bad_payload',
    message: 'Name the bus; there are: main (/dev/i2c-1), garden (/dev/i2c-2).',
  });
  assert.equal((await after(clock, raw.read({ bus: 'garden', address: 0x50, read: 1 }))).bus, 'garden');
});

test('an address is the device on the bus itself, not one behind a multiplexer', async () => {
  const { clock, raw, devices } = setUp();
  const tank = devices.get('tank-1');
  assert.ok(tank);
  devices.clear();
  devices.set('hidden', { ...tank, id: 'hidden', via: { mux: 0x70, channel: 1 } });
  assert.equal((await after(clock, raw.read({ address: 8, read: 1 }))).device, undefined);
});

test('where the adapter cannot probe without a byte the scan says so, and reads only when asked', async () => {
  const { clock, bus, raw } = setUp(({ readLength }) =>
    readLength === undefined ? { error: new GatewayError('unsupported', 'no quick') } : { bytes: [0] },
  );
  await assert.rejects(after(clock, raw.scan({})), { code: 'unsupported', message: /calls onRequest/ });
  assert.equal(bus.seen.length, 1);
  const { probe, found } = await after(clock, raw.scan({ probe: 'read' }));
  assert.deepEqual([probe, found.length], ['read', 116]);
});

test('a bus that hangs ends the scan after three faults in a row', async () => {
  const { clock, bus, raw } = setUp(() => ({ error: new GatewayError('timeout', 'hangs') }));
  await assert.rejects(after(clock, raw.scan({})), { code: 'timeout' });
  assert.equal(bus.seen.length, 3);
});

test('a read and a write go out as asked, to a device by its id or address, and are traced', async () => {
  const { clock, bus, raw, traces } = setUp();
  const read = await after(clock, raw.read({ device: 'tank-1', write: '10 0xff', read: 1 }));
  assert.deepEqual(read, {
    ...{ bus: 'main', address: '0x08', device: 'tank-1', write: '10 FF', read: 'AB', ms: 0 },
  });
  await after(clock, raw.write({ address: '0x08', bus: '/dev/i2c-1', write: [0x20, 0x50] }));
  assert.deepEqual(
    bus.seen.map(({ address, write, readLength }) => [address, [...(write ?? [])], readLength]),
    [
      [8, [0x10, 0xff], 1],
      [8, [0x20, 0x50], undefined],
    ],
  );
  assert.equal(traces.of('tank-1').last(10).length, 2);
});

test('a write before a delayed read is written once, and read after the delay', async () => {
  const { clock, bus, raw } = setUp();
  const asked = raw.read({ address: 0x50, write: '52', read: 2, delay_ms: 200 });
  await clock.advance(100);
  assert.equal(bus.seen.length, 1);
  await after(clock, asked);
  assert.deepEqual(bus.seen[1], { address: 0x50, readLength: 2 });
});

for (const [what, data] of [
  ['both a device and an address', { device: 'tank-1', address: 8, write: '00' }],
  ['neither', { write: '00' }],
  ['a reserved address', { address: 0x78, write: '00' }],
  ['a byte beyond 255', { address: 8, write: [256] }],
  ['no hex', { address: 8, write: '1G' }],
  ['an unknown bus', { address: 8, bus: 'other', write: '00' }],
  ['too many bytes', { address: 8, write: Array.from({ length: 257 }, () => 0) }],
  ['a key that means nothing', { address: 8, write: '00', yes: true }],
] as const)
  test(`${what} never reaches the wire`, async () => {
    const { clock, bus, raw } = setUp();
    await assert.rejects(after(clock, raw.write(data)), { code: 'bad_payload' });
    assert.equal(bus.seen.length, 0);
  });

test('whoever holds outputs is told what was written to a configured device, once it was', async () => {
  const { clock, bus, devices } = setUp();
  const told: string[] = [];
  const queue = new BusQueue({ bus, clock, limit: 256 });
  const raw = new RawAccess({
    ...{ devices, clock, busOf: () => queue },
    buses: new Map([['main', { path: '/dev/i2c-1', bus: queue }]]),
    onWritten: (device, bytes) => told.push(`${device} ${Buffer.from(bytes).toString('hex')}`),
  });
  await after(clock, raw.write({ device: 'tank-1', write: '20 00' }));
  await after(clock, raw.write({ address: 8, write: '20 01' }));
  await after(clock, raw.write({ address: 0x33, write: '20 02' }));
  await after(clock, raw.read({ device: 'tank-1', read: 1 }));
  await after(clock, raw.read({ device: 'tank-1', write: '20 03', delay_ms: 5, read: 1 }));
  bus.behave(() => ({ error: new GatewayError('no_ack', 'nobody') }));
  await assert.rejects(after(clock, raw.write({ device: 'tank-1', write: '20 04' })), { code: 'no_ack' });
  assert.deepEqual(told, ['tank-1 2000', 'tank-1 2001', 'tank-1 2003']);
});

test('over the network nothing is written unless the configuration allows it, not even before a read', async () => {
  const { clock, bus, raw, traces } = setUp();
  const network = rawHandlers({ raw, traces }, false);
  const ask = (op: string, data: Readonly<Record<string, unknown>>): Promise<unknown> =>
    after(clock, Promise.resolve(network.get(op)?.(data)));
  await assert.rejects(ask('write', { device: 'tank-1', write: '00' }), { code: 'forbidden' });
  await assert.rejects(ask('read', { device: 'tank-1', write: '00', read: 1 }), { code: 'forbidden' });
  assert.equal(bus.seen.length, 0);
  await ask('read', { device: 'tank-1', read: 1 });
  assert.equal(bus.seen.length, 1);
});
