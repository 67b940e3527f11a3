// A device that is known by its description alone, behind the same client as a real one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceClient } from '../../../bridge/device/client.js';
import { ReadingMemory } from '../../../bridge/device/reading-memory.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { DescribedTarget } from '../../../gateway/i2c/simulated/described-target.js';
import { SimulatedBus } from '../../../gateway/i2c/simulated/bus.js';
import type { CommandSpec } from '../../../shared/device-type.js';
import type { I2cTransaction } from '../../../shared/ports.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

const YAML = `gateway: test
buses: { main: { path: /dev/null } }
types:
  thing:
    identify: { write: [0x01], read: 3, expect: [1, 2, 3] }
    samples:
      - every: 1s
        write: [0x10]
        read: 18
        check: { kind: crc8, poly: 0x31, init: 0xff }
        fields:
          warm: { type: int16be, scale: 0.1, min: -10, max: 30 }
          free: { type: uint24le }
          below: { type: int8, max: -20 }
          real: { type: float32le, min: 0.5, max: 0.75 }
          open: { type: bit, bit: 3 }
          shut: { type: bit, bit: 4 }
          on: { type: bool }
          speed: { type: uint8, min: 0, max: 100 }
          mirrored: { type: uint32be, scale: -0.5 }
      - every: 1s
        write: [0x11]
        read: 1
        fields: { level: { type: uint8 } }
      - every: 1s
        write: [0x12, 0x01]
        read: 5
        check: { kind: crc8, over: pec }
        echo: 2
        status: { 3: ok, 4: busy }
        fields: { framed: { type: uint8, min: 1, max: 9 } }
      - every: 1s
        write: [0x13]
        read: 8
        check: { kind: crc16, order: le, each: 2 }
        fields: { first: { type: int16be }, second: { type: int16be, min: 1000, max: 2000 } }
    commands:
      go:
        args: { speed: { type: uint8, max: 200 }, bias: { type: int16le, scale: 0.5 } }
        write: [0x20, $bias, 0x55, $speed]
        verify: { write: [0x20], read: 4, equals: [0xaa, $speed, $bias] }
      level:
        args: { value: { type: uint8 } }
        write: [0x11, $value]
        verify: { write: [0x11], read: 1, equals: $value }
      trim:
        args: { by: { type: uint8 } }
        write: [0x12, $by]
        verify: { write: [0x11], read: 1, equals: $by }
      stop: { write: [0x40] }
  other:
    samples:
      - every: 1s
        write: [0x10]
        read: 32
        fields:
          seconds: { type: bcd8, bits: [0, 6], max: 59 }
          halted: { type: bit, bit: 7 }
          mode: { type: uint8, at: 1, bits: [0, 1], names: { 1: idle, 2: heating } }
          gain: { type: uint8, bits: [4, 7], min: 3, max: 9 }
          warm: { type: int16be, scale: 0.5, offset: -40, none: [0x8000], min: 0, max: 30 }
          soil: { type: uint16le, calibrate: { points: [[300, 100], [620, 0]] }, min: 0, max: 100 }
          ph: { type: uint16le, scale: 0.001, calibrate: { polynomial: [0.4, 2, 0.1] }, min: 4, max: 9, round: 2 }
          long: { type: int64le, min: -5, max: 5 }
          serial: { type: hex, length: 3 }
          name: { type: text, length: 3 }
          wind: { type: int16le, scale: 0.01, max_step: 0.1, median: 3 }
          beats: { type: uint8, changes_within: 2s }
          weight: { type: decimal, length: 5, min: 10, max: 20 }
      - every: 1s
        write: [0x11]
        read: 20
        split: ';'
        fields: { first: { type: decimal, max: 4 }, second: { type: text }, third: { type: decimal, at: 3 } }
  plain:
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] }
    samples:
      - { every: 1s, read: 2, fields: { t: { type: uint16be, scale: 0.1, min: 21, max: 100 } } }
      - { every: 1s, write: [0x10], read: 2, fields: { u: { type: uint16be, max: 9 } } }
  counter:
    samples:
      - every: 1s
        read: 7
        fields:
          beats: { type: uint8, changes_within: 1s, max_step: 1 }
          two: { type: uint8, min: 0, max: 1, changes_within: 2s }
          slow: { type: uint8, max_step: 1/m }
          calm: { type: int16le, max_step: 1 }
          fine: { type: uint16le, scale: 0.1, max_step: 0.1, changes_within: 3s }
      - every: 1s
        write: [0x11]
        read: 8
        fields: { curve: { type: float64le, calibrate: { polynomial: [0.4, 6.9, 0.02] } } }
devices:
  plain-1: { type: plain, bus: main, address: 0x22 }
  counter-1: { type: counter, bus: main, address: 0x23 }
  other-1: { type: other, bus: main, address: 0x21 }
  thing-1: { type: thing, bus: main, address: 0x20 }
`;

function thing(id = 'thing-1') {
  const device = parseConfig(YAML, 'f.yaml').devices.get(id);
  assert.ok(device);
  const clock = new FakeClock();
  const bus = new SimulatedBus({ clock, log: new RecordingLog() });
  bus.attach(device.address, new DescribedTarget({ type: device.type, phase: 0.1, clock }));
  const transfer = (transaction: I2cTransaction) => bus.transfer(transaction);
  const [all, level] = device.type.samples;
  assert.ok(all && level);
  return {
    bus,
    clock,
    client: new DeviceClient(
      device,
      { transfer, converse: (talk) => talk(transfer, new AbortController().signal) },
      clock,
    ),
    commands: device.type.commands,
    samples: device.type.samples,
    all,
    level,
  };
}

const TURN = { deadlineMs: 1000, refuse: () => undefined };

function command(commands: ReadonlyMap<string, CommandSpec>, name: string): CommandSpec {
  const found = commands.get(name);
  assert.ok(found);
  return found;
}

test('it identifies itself as described', async () => {
  await thing().client.identify();
});

test('its readings are believed, whatever the fields, and drift between the limits', async () => {
  const { client, clock, all } = thing();
  const seen = new Map<string, Set<unknown>>();
  for (let minute = 0; minute < 10; minute += 1) {
    const reading = await client.read(all);
    assert.deepEqual(reading.errors, {});
    for (const [field, value] of Object.entries(reading.values))
      seen.set(field, (seen.get(field) ?? new Set()).add(value));
    await clock.advance(60_000);
  }
  for (const field of ['warm', 'free', 'below', 'real', 'speed', 'mirrored'])
    assert.ok((seen.get(field)?.size ?? 0) >= 5, `${field} stands still`);
  for (const field of ['open', 'shut', 'on'])
    assert.deepEqual([...(seen.get(field) ?? [])].sort(), [false, true], `${field} never changes`);
});

test('echo, status and checksums are as described, whichever they are', async () => {
  const { client, samples } = thing();
  for (const sample of samples) assert.deepEqual((await client.read(sample)).errors, {});
});

test('it has a believable value for a field of any type', async () => {
  const { client, samples, clock } = thing('other-1');
  for (let second = 0; second < 600; second += 1) {
    for (const sample of samples) assert.deepEqual((await client.read(sample)).errors, {});
    await clock.advance(1000);
  }
});

test('a command is read back as its verify says, also by a later reader', async () => {
  const { client, commands, bus } = thing();
  const go = command(commands, 'go');
  await client.command(
    go,
    new Map([
      ['speed', 77],
      ['bias', -3.5],
    ]),
    TURN,
  );
  const write = Uint8Array.of(0x20);
  const again = await bus.transfer({ address: 0x20, write, readLength: 4 });
  assert.equal(Buffer.from(again).toString('hex'), 'aa4df9ff');
});

test('a command shows in the field of its name, if the field can hold it', async () => {
  const { client, commands, all, level } = thing();
  const go = command(commands, 'go');
  await client.command(
    go,
    new Map([
      ['speed', 77],
      ['bias', 0],
    ]),
    TURN,
  );
  assert.equal((await client.read(all)).values['speed'], 77);
  await client.command(
    go,
    new Map([
      ['speed', 150],
      ['bias', 0],
    ]),
    TURN,
  );
  const beyond = await client.read(all);
  assert.deepEqual(beyond.errors, {});
  assert.notEqual(beyond.values['speed'], 150);
  // Its verify reads the register of a sample, whose field has the name of the command.
  await client.command(command(commands, 'level'), new Map([['value', 128]]), TURN);
  assert.equal((await client.read(level)).values['level'], 128);
});

test('a sample and a verify of one register have what was written, whoever reads first', async () => {
  const { client, commands, level, bus } = thing();
  await client.command(command(commands, 'trim'), new Map([['by', 250]]), TURN);
  assert.equal((await client.read(level)).values['level'], 250);
  // A poll that comes between a write and its reading back.
  await bus.transfer({ address: 0x20, write: Uint8Array.of(0x12, 99) });
  assert.equal((await client.read(level)).values['level'], 99);
  const readBack = await bus.transfer({ address: 0x20, write: Uint8Array.of(0x11), readLength: 1 });
  assert.deepEqual([...readBack], [99]);
});

test('a read without a write is the plain sample, whatever was asked before', async () => {
  const { client, samples } = thing('plain-1');
  const [plain, asked] = samples;
  assert.ok(plain && asked);
  await client.identify();
  for (let round = 0; round < 3; round += 1) {
    const { values, errors } = await client.read(plain);
    assert.deepEqual(errors, {});
    assert.ok(Number(values['t']) > 20, String(values['t']));
    await client.read(asked);
    await client.identify();
  }
});

test('numbers that hardly may change, and must, are believed', async () => {
  const { client, samples, clock } = thing('counter-1');
  const [sample, curve] = samples;
  assert.ok(sample && curve);
  const memory = new ReadingMemory();
  const seen = new Set<unknown>();
  for (let second = 0; second < 600; second += 1) {
    const reading = memory.review(await client.read(sample), sample, clock.monotonicMs());
    assert.deepEqual(reading.errors, {});
    seen.add(reading.values['beats']);
    assert.deepEqual((await client.read(curve)).errors, {});
    await clock.advance(1000);
  }
  assert.ok(seen.size >= 2);
});

test('a multiplexer tells what was written behind a repeated START, and opens the channel at the STOP', async () => {
  const { bus, client } = thing();
  const target = bus.detach(0x20);
  assert.ok(target);
  bus.attach(0x20, target, { mux: 0x70, channel: 2 });
  await assert.rejects(client.identify(), { code: 'no_ack' });
  const control = { address: 0x70, write: Uint8Array.of(4), readLength: 1, repeatedStart: true };
  assert.deepEqual([...(await bus.transfer(control))], [4]);
  await client.identify();
});

test('an unknown write is accepted, and what is read then is a released line', async () => {
  const { bus, client, commands } = thing();
  await client.command(command(commands, 'stop'), new Map(), TURN);
  await bus.transfer({ address: 0x20, write: Uint8Array.of(0x7f, 1, 2) });
  assert.deepEqual([...(await bus.transfer({ address: 0x20, readLength: 3 }))], [0xff, 0xff, 0xff]);
});

test('a write without end is refused', async () => {
  const { bus } = thing();
  await assert.rejects(bus.transfer({ address: 0x20, write: new Uint8Array(300) }), { code: 'no_ack' });
});
