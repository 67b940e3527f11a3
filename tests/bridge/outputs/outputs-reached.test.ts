// Whatever the gateway thinks of a device: what a command switched on there is made safe there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../shared/errors.js';
import { DeviceWorld } from '../../support/bus/device-world.js';
import type { Behaviour } from '../../support/bus/scripted-bus.js';

const IDENTITY = 'identify: { write: [0x01], read: 2, expect: [0x54, 0x02] }';
const SAMPLE = 'samples: [{ every: 1s, write: [0x10], read: 1, fields: { level: { type: uint8 } } }]';
const PUMP =
  'args: { speed: { type: uint8 } }, write: [0x20, $speed], safe: { args: { speed: 0 } }, for: { max: 10m }';
const TYPE = `{ ${IDENTITY}, ${SAMPLE}, commands: { pump: { ${PUMP} } }, on_stop: [{ write: [0x50] }] }`;

/** The wire as the test sets it. */
class Wire {
  identity = [0x54, 0x02];
  /** Transactions that are not acknowledged from now on. */
  lost = 0;
  refused: string | undefined;
  readonly behaviour: Behaviour = ({ write, readLength = 0 }) => {
    const hex = Buffer.from(write ?? []).toString('hex');
    if (this.lost > 0 || (this.refused !== undefined && hex.startsWith(this.refused))) {
      this.lost -= 1;
      return { takesMs: 1, error: new GatewayError('no_ack', 'none') };
    }
    if (write?.[0] === 0x01) return { takesMs: 1, bytes: this.identity };
    return { takesMs: 1, bytes: Array.from({ length: readLength }, () => 7) };
  };
}

async function world(type = TYPE): Promise<DeviceWorld & { readonly wire: Wire }> {
  const wire = new Wire();
  const made = new DeviceWorld(type, wire.behaviour);
  await made.start();
  return Object.assign(made, { wire });
}

/** Writes of this register since then, with their times from then on. */
function since(one: DeviceWorld, fromMs: number, prefix = '20'): [number, string][] {
  const own = one.written.filter(({ atMs, hex }) => atMs >= fromMs && hex.startsWith(prefix));
  return own.map(({ atMs, hex }) => [Math.round((atMs - fromMs) / 1000), hex]);
}

async function commanded(one: DeviceWorld, name: string, args = {}, forMs?: number): Promise<string> {
  return ended(one, one.command(name, args, forMs));
}

/** Lets time pass until it has ended. */
async function ended(one: DeviceWorld, work: Promise<string>): Promise<string> {
  let outcome: string | undefined;
  void work.then((code) => (outcome = code));
  for (let turns = 0; turns < 2000 && outcome === undefined; turns += 1) await one.clock.advance(10);
  return outcome ?? 'never ended';
}

test('a paused device: the safe write comes, and again after a lost acknowledgement', async () => {
  const one = await world();
  await one.clock.advance(3000);
  one.poller.pause('pump-1', 3_600_000);
  const fromMs = one.clock.monotonicMs();
  assert.equal(await commanded(one, 'pump', { speed: 80 }, 10_000), 'done');
  await one.clock.advance(9900);
  one.wire.lost = 1;
  await one.clock.advance(5000);
  assert.deepEqual(since(one, fromMs), [
    [0, '2050'],
    [10, '2000'],
    [11, '2000'],
  ]);
  assert.deepEqual(one.outputs.health().held, []);
});

test('a paused device that lost an acknowledgement takes commands, so it takes their ends', async () => {
  const one = await world();
  await one.clock.advance(3000);
  one.poller.pause('pump-1', 3_600_000);
  one.wire.lost = 1;
  assert.equal(await commanded(one, 'pump', { speed: 80 }, 10_000), 'no_ack');
  const fromMs = one.clock.monotonicMs();
  assert.equal(await commanded(one, 'pump', { speed: 80 }, 10_000), 'done');
  await one.clock.advance(20_000);
  assert.deepEqual(since(one, fromMs), [
    [0, '2050'],
    [10, '2000'],
  ]);
});

for (const [what, set, type] of [
  ['that says it is another', (wire: Wire) => (wire.identity = [0x54, 0x03]), TYPE],
  [
    'that refuses its set-up',
    (wire: Wire) => (wire.refused = '30'),
    TYPE.replace('on_stop', 'on_connect: [{ write: [0x30, 0x01] }], on_stop'),
  ],
] as const) {
  test(`a device ${what} is made safe as it is commanded, and at the stop`, async () => {
    const one = await world(type);
    set(one.wire);
    await one.clock.advance(3000);
    one.wire.lost = 1;
    await one.clock.advance(3000);
    const fromMs = one.clock.monotonicMs();
    assert.equal(await commanded(one, 'pump', { speed: 80 }, 10_000), 'done');
    await one.clock.advance(20_000);
    assert.deepEqual(since(one, fromMs), [
      [0, '2050'],
      [10, '2000'],
    ]);
    assert.equal(await commanded(one, 'pump', { speed: 90 }, 60_000), 'done');
    const stopMs = one.clock.monotonicMs();
    await one.stop();
    assert.deepEqual(since(one, stopMs), [[0, '2000']]);
    assert.deepEqual(since(one, stopMs, '50'), [[0, '50']]);
  });
}

test('one lost acknowledgement before the stop, or in it, leaves nothing on', async () => {
  const one = await world();
  await one.clock.advance(3000);
  assert.equal(await commanded(one, 'pump', { speed: 80 }, 60_000), 'done');
  one.wire.lost = 1;
  await one.clock.advance(1000);
  const stopMs = one.clock.monotonicMs();
  one.wire.lost = 1;
  assert.ok((await one.stop()) <= 1500);
  assert.deepEqual(since(one, stopMs), [
    [0, '2000'],
    [0, '2000'],
  ]);
  assert.deepEqual(since(one, stopMs, '50'), [[0, '50']]);
});

test('the gateway’s own poll that waits for its reply does not keep the stop’s writes out', async () => {
  const slow = TYPE.replace('every: 1s, write: [0x10]', 'every: 4s, write: [0x52], delay: 3s');
  const one = await world(slow);
  await one.clock.advance(20_000);
  assert.equal(await commanded(one, 'pump', { speed: 80 }, 300_000), 'done');
  // Right behind the question of a poll.
  const before = since(one, 0, '52').length;
  while (since(one, 0, '52').length === before) await one.clock.advance(10);
  const stopMs = one.clock.monotonicMs();
  assert.ok((await one.stop()) <= 1500);
  assert.deepEqual([since(one, stopMs), since(one, stopMs, '50')], [[[0, '2000']], [[0, '50']]]);
  assert.deepEqual(one.own.map(({ status, by }) => [status, by]).slice(-2), [
    ['done', 'on_stop'],
    ['done', 'on_stop'],
  ]);
});

test('a poll that waits for its reply does not put off the end of a command’s time', async () => {
  const one = await world(TYPE.replace('every: 1s, write: [0x10]', 'every: 8s, write: [0x52], delay: 5s'));
  await one.clock.advance(20_000);
  assert.equal(await commanded(one, 'pump', { speed: 80 }, 4000), 'done');
  const fromMs = one.clock.monotonicMs();
  await one.clock.advance(10_000);
  assert.deepEqual(since(one, fromMs), [[4, '2000']]);
  const asked = since(one, fromMs, '52');
  assert.ok(asked.length > 0 && asked.some(([at]) => at < 4), String(asked));
});

test('nor does a command that waits for that poll, and would keep the safe write behind it', async () => {
  const one = await world(
    TYPE.replace('every: 1s, write: [0x10]', 'every: 8s, write: [0x52], delay: 5s').replace(
      'pump: {',
      'lamp: { write: [0x40] }, pump: {',
    ),
  );
  await one.clock.advance(20_000);
  assert.equal(await commanded(one, 'pump', { speed: 80 }, 4000), 'done');
  const fromMs = one.clock.monotonicMs();
  while (since(one, fromMs, '52').length === 0) await one.clock.advance(10);
  const work = one.command('lamp');
  await one.clock.advance(fromMs + 10_000 - one.clock.monotonicMs());
  assert.deepEqual([since(one, fromMs), since(one, fromMs, '40')], [[[4, '2000']], [[4, '40']]]);
  assert.equal(await work, 'done');
});

const VALVE =
  'valve: { args: { open: { type: uint8 } }, write: [0x20, $open], verify: { write: [0x21], read: 1, equals: $open, after: 8s }, safe: { args: { open: 0 } }, for: { default: 5s, max: 10m } }';

test('the time of a command runs from its write on, and its safe write does not wait for its reading back', async () => {
  const one = await world(TYPE.replace('pump: {', `${VALVE}, pump: {`));
  await one.clock.advance(2000);
  const fromMs = one.clock.monotonicMs();
  const work = one.command('valve', { open: 1 });
  await one.clock.advance(20_000);
  const safe = since(one, fromMs).filter(([, hex]) => hex === '2000');
  assert.deepEqual(safe[0], [5, '2000']);
  assert.equal(await work, 'verify_failed');
});

test('at the stop a command that is still read back is among what is made safe, and other devices are not forgotten', async () => {
  const one = await world(TYPE.replace('pump: {', `${VALVE}, pump: {`));
  await one.clock.advance(2000);
  const work = one.command('valve', { open: 1 }, 60_000);
  await one.clock.advance(100);
  const stopMs = one.clock.monotonicMs();
  assert.ok((await one.stop()) <= 1500);
  assert.deepEqual(since(one, stopMs, '50'), [[0, '50']]);
  assert.ok(since(one, stopMs).some(([, hex]) => hex === '2000'));
  assert.equal(await work, 'verify_failed');
});

test('a command behind a long reading back is told in time that it is too late', async () => {
  const slow = 'slow: { write: [0x60], verify: { write: [0x61], read: 1, equals: [7], after: 60s } }';
  const one = await world(TYPE.replace('pump: {', `${slow}, pump: {`));
  await one.clock.advance(2000);
  const fromMs = one.clock.monotonicMs();
  void one.command('slow');
  await one.clock.advance(50);
  let answeredMs = Infinity;
  void one.command('pump', { speed: 0 }).then(() => (answeredMs = one.clock.monotonicMs()));
  await one.clock.advance(70_000);
  assert.ok(answeredMs - fromMs < 11_000, String(answeredMs));
});

test('after a crash with a clock that is behind, an output ends after its own time at most', async () => {
  const one = await world(TYPE.replace('for: { max: 10m }', 'for: { max: 10m }, after_crash: leave'));
  await one.clock.advance(2000);
  await commanded(one, 'pump', { speed: 80 }, 30_000);
  one.clock.jumpWallClock(-6 * 3_600_000);
  await one.crash();
  const fromMs = one.clock.monotonicMs();
  await one.clock.advance(60_000);
  assert.deepEqual(since(one, fromMs), [[30, '2000']]);
});

test('a crash in the run behind an orderly stop: what was on by somebody’s will is named and made safe', async () => {
  const one = await world();
  await one.clock.advance(2000);
  await commanded(one, 'pump', { speed: 80 });
  await one.stop();
  await one.crash();
  await one.clock.advance(5000);
  assert.deepEqual([one.outputs.health().leftOn, since(one, 0, '2000')], [[], []]);
  await one.crash();
  await one.clock.advance(5000);
  assert.equal(one.outputs.health().leftOn.length, 1);
  assert.equal(since(one, 0, '2000').length, 1);
});

test('what sets a device up and has a time ends like a command', async () => {
  const type = TYPE.replace('for: { max: 10m }', 'for: { default: 5s, max: 10m }').replace(
    'on_stop',
    'on_connect: [{ command: pump, args: { speed: 80 } }], on_stop',
  );
  const one = await world(type);
  await one.clock.advance(1000);
  assert.equal(one.outputs.health().held.length, 1);
  await one.clock.advance(10_000);
  assert.deepEqual(since(one, 0), [
    [0, '2050'],
    [5, '2000'],
  ]);
  assert.deepEqual(one.outputs.health().held, []);
});

test('what sets a device up and is what makes it safe ends what was on', async () => {
  const type = TYPE.replace('on_stop', 'on_connect: [{ command: pump, args: { speed: 0 } }], on_stop');
  const one = await world(type);
  await one.clock.advance(2000);
  await commanded(one, 'pump', { speed: 80 });
  assert.equal(one.outputs.health().held.length, 1);
  one.wire.lost = 1;
  await one.clock.advance(10_000);
  assert.deepEqual(one.outputs.health().held, []);
  await one.crash();
  assert.deepEqual(one.outputs.health().leftOn, []);
});

test('the safe bytes, written past all commands, end what was on, and other bytes do not', async () => {
  const one = await world();
  await one.clock.advance(3000);
  const fromMs = one.clock.monotonicMs();
  await commanded(one, 'pump', { speed: 80 }, 10_000);
  one.outputs.written('pump-1', Uint8Array.of(0x20, 0x01));
  one.outputs.written('another', Uint8Array.of(0x20, 0x00));
  assert.equal(one.outputs.health().held.length, 1);
  one.outputs.written('pump-1', Uint8Array.of(0x20, 0x00));
  assert.deepEqual(one.outputs.health().held, []);
  await one.clock.advance(20_000);
  assert.deepEqual(since(one, fromMs), [[0, '2050']]);
});
