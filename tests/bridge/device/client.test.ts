import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import { withChecksum } from '../../../shared/codec/checksum.js';
import { GatewayError } from '../../../shared/errors.js';
import { tank } from '../../support/bus/devices.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';

const CRC = { kind: 'crc8', poly: 7, init: 0 } as const;
const NEVER = { deadlineMs: 1000, refuse: () => undefined };

function setUp(reply: readonly number[]) {
  const clock = new FakeClock();
  const bus = new ScriptedBus(clock, ({ readLength }) => ({ bytes: readLength === undefined ? [] : reply }));
  const device = tank();
  const client = new DeviceClient(device, new BusQueue({ bus, clock, limit: 8 }), clock);
  const [sample] = device.type.samples;
  assert.ok(sample);
  return { clock, bus, client, sample, device };
}

async function withTime<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  const [result] = await Promise.all([promise, clock.advance(1000)]);
  return result;
}

test('bytes become values in their units, without binary noise', async () => {
  const { clock, client, sample } = setUp([...withChecksum(Uint8Array.of(0x65, 0x08, 0x2c, 0x01), CRC)]);
  const reading = await withTime(clock, client.read(sample));
  assert.deepEqual(reading.values, { temperature: 21.49, level: 300 });
  assert.deepEqual(reading.errors, {});
  assert.equal(reading.ts, clock.now() - 1000);
});

test('a value outside its limits is null and named, the others stay', async () => {
  const { clock, client, sample } = setUp([...withChecksum(Uint8Array.of(0xff, 0x7f, 0x2c, 0x01), CRC)]);
  const reading = await withTime(clock, client.read(sample));
  assert.deepEqual(reading.values, { temperature: null, level: 300 });
  assert.deepEqual(reading.errors, { temperature: 'out_of_range' });
  assert.equal(reading.fault, undefined);
});

for (const [name, reply, code] of [
  ['a wrong checksum', [0x65, 0x08, 0x2c, 0x01, 0x00], 'checksum'],
  ['a released bus', [0xff, 0xff, 0xff, 0xff, 0xff], 'empty_reply'],
  ['an AVR with nothing to say', [0x00, 0xff, 0xff, 0xff, 0xff], 'empty_reply'],
  ['a reply that is too short', [0x65, 0x08], 'short_reply'],
] as const) {
  test(`${name} is an error with a name, not a number`, async () => {
    const { clock, client, sample } = setUp(reply);
    const reading = await withTime(clock, client.read(sample));
    assert.equal(reading.fault?.code, code);
    assert.deepEqual(reading.values, { temperature: null, level: null });
    assert.deepEqual(reading.errors, { temperature: code, level: code });
  });
}

test('another device at the address is told by its identity', async () => {
  const { clock, client } = setUp([0x54, 0x03]);
  const identified = assert.rejects(client.identify(), { code: 'wrong_identity' });
  await withTime(clock, identified);
});

test('a command’s arguments go where the template says, in their types and scales', async () => {
  const { clock, client, device, bus } = setUp([]);
  const mix = device.type.commands.get('mix');
  assert.ok(mix);
  await withTime(
    clock,
    client.command(
      mix,
      new Map([
        ['left', 7],
        ['right', -2.5],
      ]),
      NEVER,
    ),
  );
  assert.deepEqual([...(bus.seen[0]?.write ?? [])], [0x30, 7, 0xff, 0xe7]);
});

test('a command that reads back otherwise has failed to verify', async () => {
  const { clock, client, device } = setUp([41]);
  const pump = device.type.commands.get('pump');
  assert.ok(pump);
  await withTime(clock, client.command(pump, new Map([['speed', 41]]), NEVER));
  await withTime(
    clock,
    assert.rejects(client.command(pump, new Map([['speed', 42]]), NEVER), { code: 'verify_failed' }),
  );
});

test('a command whose reading back fails is never called rejected: it was written', async () => {
  const { clock, client, device, bus } = setUp([]);
  bus.behave(({ readLength }) =>
    readLength === undefined ? {} : { error: new GatewayError('no_ack', 'gone') },
  );
  const pump = device.type.commands.get('pump');
  assert.ok(pump);
  await withTime(
    clock,
    assert.rejects(client.command(pump, new Map([['speed', 1]]), NEVER), { code: 'verify_failed' }),
  );
});
