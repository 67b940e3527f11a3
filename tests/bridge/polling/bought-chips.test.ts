// Chips that people buy, played with all that they remember: what has to be said in one go is, who sleeps is woken, who was
// reset is set up again, and what reading costs is never paid twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkArguments } from '../../../shared/check-arguments.js';
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import type { I2cTransaction } from '../../../shared/ports.js';
import type { Answer } from '../../../bridge/device/talk/command-steps.js';
import { pollerWorld, type PollerWorld } from '../../support/bus/poller-world.js';
import type { Behaviour } from '../../support/bus/scripted-bus.js';
import { settled } from '../../support/fake-clock.js';

function yaml(address: number, type: string): string {
  const inside = type.replaceAll(/^/gm, '    ');
  return `gateway: test\nbuses: { main: { path: /dev/i2c-none } }\ntypes:\n  chip:\n${inside}\ndevices: { it: { type: chip, bus: main, address: ${String(address)} } }\n`;
}

function hex({ write }: I2cTransaction): string {
  return Buffer.from(write ?? []).toString('hex');
}

function bytes(text: string): number[] {
  return [...Buffer.from(text.replaceAll(' ', ''), 'hex')];
}

function clientOf(world: PollerWorld) {
  const client = world.clients.get('it');
  assert.ok(client);
  return client;
}

/** As a client's command: what the device has answered, or the code of the error. */
async function command(
  world: PollerWorld,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<Answer | string> {
  const client = clientOf(world);
  const spec = client.device.type.commands.get(name);
  assert.ok(spec);
  let answer: Answer = {};
  const turn = {
    ...{ deadlineMs: 10_000, refuse: () => undefined },
    onAnswer: (said: Answer) => {
      answer = said;
    },
  };
  const running = client.command(spec, checkArguments(spec, new Map(Object.entries(args))), turn).then(
    () => answer,
    (thrown: unknown) => asGatewayError(thrown).code,
  );
  const [said] = await Promise.all([running, world.clock.advance(3000)]);
  return said;
}

const NO_ACK = { error: new GatewayError('no_ack', 'nobody') };

test('four channels of one converter are not mixed up, with a command in between (ADS1115)', async (t) => {
  const channel = (mux: string, id: string): string =>
    `- { every: 1s, steps: [ { write: [0x01, ${mux}, 0x83], delay: 8ms }, { write: [0x00], read: 2, fields: { ${id}: { type: int16be, scale: 0.000125 } } } ] }`;
  let [pointer, mux] = [0, 0];
  const results: Readonly<Record<number, string>> = { 0xc3: '67 20', 0xd3: '11 80' };
  const world = await pollerWorld(
    t,
    yaml(
      0x48,
      `samples:\n${channel('0xC3', 'a0')}\n${channel('0xD3', 'a1')}\ncommands: { limits: { write: [0x02, 0x80, 0x00] } }`,
    ),
    ({ write, readLength }) => {
      if (write !== undefined) {
        pointer = write[0] ?? 0;
        if (pointer === 1 && write.length === 3) mux = write[1] ?? 0;
      }
      const register = pointer === 0 ? (results[mux] ?? '00 00') : '85 83';
      return readLength === undefined ? {} : { bytes: bytes(register) };
    },
  );
  await world.poller.start();
  for (let second = 0; second < 20; second += 1) {
    await world.clock.advance(1000);
    if (second % 10 === 0) assert.deepEqual(await command(world, 'limits'), {});
  }
  await settled();
  const seen = world.said('/telemetry').map(({ values }) => values as Readonly<Record<string, number>>);
  const [a0, a1] = ['a0', 'a1'].map((id) => seen.flatMap((values) => values[id] ?? []));
  assert.ok((a0?.length ?? 0) > 20 && (a1?.length ?? 0) > 20);
  assert.deepEqual([...new Set(a0)], [3.3]);
  assert.deepEqual([...new Set(a1)], [0.56]);
});

test('a sensor that sleeps is woken by a write that nobody acknowledges; one that is gone still goes (AM2320)', async (t) => {
  const type = `samples:
  - every: 5s
    steps:
      - { write: [0x00], nack: true, delay: 1ms }
      - write: [0x03, 0x00, 0x04]
        delay: 2ms
        read: 8
        frame: { start: [0x03, 0x04] }
        check: { kind: crc16, poly: 0x8005, init: 0xFFFF, reflect: true, order: le }
        fields: { humidity: { type: uint16be, scale: 0.1, max: 100 }, temperature: { type: signmag16be, scale: 0.1, min: -40, max: 80 } }`;
  let [lastMs, isGone, reply] = [-Infinity, false, '03 04 01 E6 00 E1 D1 AB'];
  const world = await pollerWorld(t, yaml(0x5c, type), ({ readLength }) => {
    const slept = world.clock.monotonicMs() - lastMs > 3000;
    lastMs = world.clock.monotonicMs();
    if (isGone || slept) return NO_ACK;
    return readLength === undefined ? {} : { bytes: bytes(reply) };
  });
  await world.poller.start();
  await world.clock.advance(60_000);
  reply = '03 04 01 E6 80 49 B1 D5';
  await world.clock.advance(5000);
  await settled();
  const state = world.said('/state').at(-1);
  assert.deepEqual(state?.['values'], { humidity: 48.6, temperature: -7.3 });
  const { availability, failures, polls } = world.poller.health()['it'] ?? {};
  assert.equal(availability?.state, 'online');
  assert.equal(failures, 0);
  assert.ok((polls ?? 0) >= 13);
  isGone = true;
  await world.clock.advance(30_000);
  assert.equal(world.poller.health()['it']?.availability.state, 'offline');
});

test('a sensor that forgets its set-up and answers on is set up again, and not believed in between (INA226)', async (t) => {
  const type = `on_connect: [ { write: [0x05, 0x0A, 0x00] }, { write: [0x00, 0x45, 0x27] } ]
samples:
  - every: 1s
    steps:
      - { write: [0x05], read: 2, configured: { type: uint16be, is: 0x0A00 } }
      - { write: [0x04], read: 2, fields: { current: { type: int16be, scale: 0.001, unit: A } } }`;
  const registers = new Map<number, string>();
  let [pointer, isDeaf] = [0, false];
  const world = await pollerWorld(t, yaml(0x40, type), ({ write, readLength }) => {
    pointer = write?.[0] ?? pointer;
    if (write?.length === 3 && !isDeaf)
      registers.set(pointer, Buffer.from(write.subarray(1)).toString('hex'));
    const current = registers.get(5) === '0a00' ? '0c80' : '0000';
    const value = pointer === 4 ? current : (registers.get(pointer) ?? '0000');
    return readLength === undefined ? {} : { bytes: bytes(value) };
  });
  const setUps = (): number => world.written().filter((write) => write === '050a00').length;
  await world.poller.start();
  await world.clock.advance(29_500);
  registers.clear();
  await world.clock.advance(5000);
  await settled();
  assert.equal(setUps(), 2);
  const values = world
    .said('/telemetry')
    .map((sample) => (sample['values'] as { current: number | null }).current);
  assert.equal(values.at(-1), 3.2);
  assert.deepEqual([...new Set(values)], [3.2, null]);
  const errors = world.said('/telemetry').flatMap(({ errors: one }) => (one === undefined ? [] : [one]));
  assert.deepEqual(errors, [{ current: 'set_up_lost' }]);
  // One that does not take it is told again and again, and less and less often.
  isDeaf = true;
  registers.clear();
  const before = setUps();
  await world.clock.advance(600_000);
  assert.ok(setUps() - before > 5 && setUps() - before < 25, String(setUps() - before));
});

const SCD41 = `parameters: { factor: { default: 2 } }
commands:
  recalibrate:
    args: { target: { type: uint16be, min: 400, max: 2000 } }
    steps:
      - write: [0x36, 0x2F, $target]
        write_check: { kind: crc8, poly: 0x31, init: 0xFF, skip: 2, each: 2 }
        delay: 400ms
        read: 3
        check: { kind: crc8, poly: 0x31, init: 0xFF }
        valid: { type: uint16be, not: 0xFFFF }
        fields: { correction: { type: uint16be, offset: -32768 }, double: { compute: correction * factor } }
  alert: { args: { word: { type: uint16le } }, write: [0x10, $word], write_check: { kind: crc8, over: pec } }`;

test('a command carries a CRC behind its argument, waits, and answers with a number (SCD41); SMBus has its PEC', async (t) => {
  let answer = '7F CE 7B';
  const world = await pollerWorld(t, yaml(0x62, SCD41), ({ readLength }) =>
    readLength === undefined ? {} : { bytes: bytes(answer) },
  );
  assert.deepEqual(await command(world, 'recalibrate', { target: 480 }), { correction: -50, double: -100 });
  answer = 'FF FF AC';
  assert.equal(await command(world, 'recalibrate', { target: 480 }), 'device_error');
  answer = '7F CE 00';
  assert.equal(await command(world, 'recalibrate', { target: 480 }), 'checksum');
  assert.equal(world.written()[0], '362f01e0b4');
  await command(world, 'alert', { word: 0x1234 });
  // The CRC of C4 10 34 12.
  assert.equal(world.written().at(-1), '10341283');
});

test('one relay of eight: the others stay as they are, and inputs are written as 1 (PCF8574)', async (t) => {
  const relay = (number: number): string =>
    `  relay_${String(number)}: { args: { on: { type: bool } }, steps: [ { read: 1, modify: { mask: ${String(1 << (number - 1))}, value: $on, invert: true, ones: 0xC0 } } ] }`;
  let latch = 0xff;
  const world = await pollerWorld(
    t,
    yaml(0x20, `commands:\n${relay(2)}\n${relay(5)}`),
    ({ write, readLength }) => {
      latch = write?.[0] ?? latch;
      // Something holds an input low.
      return readLength === undefined ? {} : { bytes: [latch & 0x7f] };
    },
  );
  await command(world, 'relay_2', { on: true });
  await command(world, 'relay_5', { on: true });
  await command(world, 'relay_5', { on: false });
  assert.deepEqual(
    world.written().filter((write) => write !== ''),
    ['fd', 'ed', 'fd'],
  );
});

test('60 bytes in one go, a check behind each two (SPS30)', async (t) => {
  const type = `largest: { write: 32, read: 60 }
samples: [ { every: 1s, write: [0x03, 0x00], read: 60, check: { kind: crc8, poly: 0x31, init: 0xFF, each: 2 }, fields: { pm: { type: float32be, each: 10 } } } ]`;
  const reply = [
    ...bytes('40 A8 4D 00 00 81'),
    ...Array.from({ length: 8 }, () => bytes('00 00 81 00 00 81')).flat(),
    ...bytes('3F 00 AA 00 00 81'),
  ];
  const world = await pollerWorld(t, yaml(0x69, type), () => ({ bytes: reply }));
  const [sample] = clientOf(world).device.type.samples;
  assert.ok(sample);
  const [reading] = await Promise.all([clientOf(world).read(sample), world.clock.advance(100)]);
  assert.equal(reading.values['pm_1'], 5.25);
  assert.equal(reading.values['pm_10'], 0.5);
});

test('a struct of 200 bytes in blocks, a sum behind each, is one reading of one time (an Arduino)', async (t) => {
  const block = (index: number, count: number): string =>
    `{ write: [${String(0x10 + index)}], read: 29, check: { kind: sum8 }, fields: { b${String(index)}: { type: float32le, each: ${String(count)} } } }`;
  const blocks = Array.from({ length: 8 }, (_, index) => block(index, index < 2 ? 7 : 6));
  const world = await pollerWorld(
    t,
    yaml(0x12, `samples: [ { every: 1s, steps: [ ${blocks.join(', ')} ] } ]`),
    ({ write }) => {
      const data = Buffer.alloc(28);
      for (let at = 0; at < 28; at += 4) data.writeFloatLE((write?.[0] ?? 0) + at / 8, at);
      return { bytes: [...data, data.reduce((sum, byte) => sum + byte, 0) & 0xff] };
    },
  );
  await world.poller.start();
  await world.clock.advance(500);
  await settled();
  const [first, ...more] = world.said('/telemetry');
  const values = first?.['values'] as Readonly<Record<string, number>>;
  assert.equal(more.length, 0);
  assert.equal(Object.keys(values).length, 50);
  assert.deepEqual([values['b0_1'], values['b0_7'], values['b7_6']], [16, 19, 25.5]);
});

const BROKEN = { error: new GatewayError('bus_fault', 'it broke off') };

test('a count that reading clears is read once, and a lost one is said', async (t) => {
  const type = `samples: [ { every: 1h, write: [0x02], read: 5, repeatable: false, check: { kind: crc8 }, fields: { tips: { type: uint32le } } } ]`;
  const world = await pollerWorld(t, yaml(0x33, type), () => BROKEN);
  const [sample] = clientOf(world).device.type.samples;
  assert.ok(sample);
  const [reading] = await Promise.all([clientOf(world).read(sample), world.clock.advance(5000)]);
  assert.deepEqual([reading.values, reading.errors], [{ tips: null }, { tips: 'bus_fault' }]);
  assert.equal(world.bus.seen.length, 1);
});

test('what has to be acknowledged is, behind each reading that is believed and no other', async (t) => {
  const type = `samples: [ { every: 1s, write: [0x02], read: 5, check: { kind: crc8 }, acknowledge: [0x03], fields: { tips: { type: uint32le } } } ]`;
  let asked = 0;
  const behave: Behaviour = (transaction) => {
    if (hex(transaction) === '02') asked += 1;
    return { bytes: bytes(asked % 3 === 0 ? '07 00 00 00 63' : '07 00 00 00 62') };
  };
  const world = await pollerWorld(t, yaml(0x33, type), behave);
  await world.poller.start();
  await world.clock.advance(9500);
  assert.match(world.written().join(' '), /^02 03 02 03 02 02 03/);
});

test('byte by byte a fault makes the whole question be asked again, the pointer included (Pololu)', async (t) => {
  const type = `samples: [ { every: 1h, write: [0x27], delay: 0.1ms, read: 5, bytewise: true, fields: { yellow: { type: bool }, battery: { type: uint16le }, count: { type: int16le } } } ]`;
  const memory = bytes('01 74 0E FE FF');
  let [pointer, reads] = [0, 0];
  const world = await pollerWorld(t, yaml(0x14, type), ({ write }) => {
    if (write !== undefined) {
      pointer = 0;
      return {};
    }
    reads += 1;
    const byte = memory[pointer++] ?? 0xff;
    return reads === 2 ? BROKEN : { bytes: [byte] };
  });
  const [sample] = clientOf(world).device.type.samples;
  assert.ok(sample);
  const [reading] = await Promise.all([clientOf(world).read(sample), world.clock.advance(100)]);
  assert.deepEqual(reading.values, { yellow: true, battery: 3700, count: -2 });
});
