// What a crash or a stop leaves on disk while a command is on its way: the end that was promised is not lost with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MarkKeeper } from '../../../bridge/outputs/marks.js';
import { GatewayError } from '../../../shared/errors.js';
import { DeviceWorld } from '../../support/bus/device-world.js';
import type { WireBehaviour } from '../../support/bus/kernel-wire.js';
import { RecordingLog } from '../../support/recording-log.js';

const TYPE = `{
    commands: {
      lamp: { args: { to: { type: uint8 } }, write: [0x40, $to], safe: { args: { to: 0 } }, for: { max: 10m }, after_crash: leave },
      valve: { args: { to: { type: uint8 } }, write: [0x30, $to], verify: { write: [0x31], read: 1, equals: $to },
        safe: { write: [0x30, 0x00] }, for: { max: 10m }, after_crash: leave },
      eco: { write: [0x40, 0x00], safe: { write: [0x41, 0x00] } } } }`;

/** A wire that may hang; what is on it then has acted. */
class Wire {
  /** What is read back. */
  answer = 0;
  #held: Promise<void> | undefined;
  #letGo: () => void = () => undefined;

  hang(): void {
    this.#held = new Promise((resolve) => (this.#letGo = resolve));
  }

  letGo(): void {
    this.#held = undefined;
    this.#letGo();
  }

  readonly behaviour: WireBehaviour = () =>
    this.#held === undefined
      ? { takesMs: 1, bytes: [this.answer] }
      : { until: this.#held, error: new GatewayError('timeout', 'held') };
}

async function world(): Promise<DeviceWorld & { readonly wire: Wire }> {
  const wire = new Wire();
  const made = new DeviceWorld(TYPE, wire.behaviour, ['pump-1', 'pump-2']);
  await made.start();
  return Object.assign(made, { wire });
}

/** Writes since then, in seconds from then on. */
function since({ written }: DeviceWorld, fromMs: number): [number, string][] {
  const own = written.filter(({ atMs }) => atMs >= fromMs);
  return own.map(({ atMs, hex }) => [Math.round((atMs - fromMs) / 1000), hex]);
}

test('a newer command that a crash kept from the wire has put off no end', async () => {
  for (const forMs of [600_000, undefined]) {
    const one = await world();
    const fromMs = one.clock.monotonicMs();
    void one.command('lamp', { to: 5 }, 10_000);
    await one.clock.advance(1000);
    one.wire.hang();
    void one.command('lamp', { to: 1 }, undefined, 'pump-2');
    await one.clock.advance(100);
    void one.command('lamp', { to: 6 }, forMs);
    await one.clock.advance(1000);
    await one.crash();
    one.wire.letGo();
    await one.clock.advance(60_000);
    assert.deepEqual(since(one, fromMs), [
      [0, '4005'],
      [1, '4001'],
      [10, '4000'],
    ]);
  }
});

/** When the mark of this output says that it ends, in seconds from then on. */
function endOf({ clock, marks }: DeviceWorld, command: string, fromMs: number): number | undefined {
  const mark = JSON.parse(marks.get(`pump-1/${command}`) ?? '{}') as { readonly until?: number };
  const wallFromMs = clock.now() - clock.monotonicMs() + fromMs;
  return mark.until === undefined ? undefined : Math.round((mark.until - wallFromMs) / 1000);
}

test('the mark of what was not read back has the sooner end of both, and a crash keeps it', async () => {
  for (const forMs of [600_000, undefined]) {
    const one = await world();
    const fromMs = one.clock.monotonicMs();
    one.wire.answer = 5;
    void one.command('valve', { to: 5 }, 10_000);
    await one.clock.advance(1000);
    const work = one.command('valve', { to: 6 }, forMs);
    await one.clock.advance(1000);
    assert.equal(await work, 'verify_failed');
    assert.equal(endOf(one, 'valve', fromMs), 10);
    await one.crash();
    assert.equal(endOf(one, 'valve', fromMs), 10);
    await one.clock.advance(60_000);
    assert.deepEqual(
      since(one, fromMs).filter(([, hex]) => hex !== '31'),
      [
        [0, '3005'],
        [1, '3006'],
        [10, '3000'],
      ],
    );
  }
});

test('the mark of what may have acted has the sooner end of both, and a crash keeps it', async () => {
  for (const [forMs, endS] of [
    [600_000, 10],
    [undefined, 10],
    [4000, 5],
  ] as const) {
    const one = await world();
    const fromMs = one.clock.monotonicMs();
    void one.command('lamp', { to: 5 }, 10_000);
    await one.clock.advance(1000);
    one.wire.hang();
    const work = one.command('lamp', { to: 6 }, forMs);
    await one.clock.advance(1000);
    one.wire.letGo();
    assert.equal(await work, 'timeout');
    await one.clock.advance(1);
    assert.equal(endOf(one, 'lamp', fromMs), endS);
    await one.crash();
    await one.clock.advance(60_000);
    assert.deepEqual(since(one, fromMs), [
      [0, '4005'],
      [1, '4006'],
      [endS, '4000'],
    ]);
  }
});

test('a newer command that was written has its own time, also behind a crash', async () => {
  const one = await world();
  const fromMs = one.clock.monotonicMs();
  void one.command('lamp', { to: 5 }, 10_000);
  await one.clock.advance(1000);
  void one.command('lamp', { to: 6 }, 30_000);
  await one.clock.advance(1000);
  await one.crash();
  await one.clock.advance(60_000);
  assert.deepEqual(since(one, fromMs), [
    [0, '4005'],
    [1, '4006'],
    [31, '4000'],
  ]);
});

test('a stop does not call meant what a command switches on behind it', async () => {
  const one = await world();
  void one.command('lamp', { to: 5 });
  await one.clock.advance(1000);
  one.wire.hang();
  void one.command('lamp', { to: 6 }, 60_000);
  await one.clock.advance(1000);
  await one.stop();
  one.wire.letGo();
  await one.crash();
  assert.deepEqual(
    one.outputs.health().leftOn.map(({ device, command, until }) => [device, command, until !== undefined]),
    [['pump-1', 'lamp', true]],
  );
});

test('what hung on the wire lasts from then on, not from when that was told', async () => {
  const one = await world();
  const fromMs = one.clock.monotonicMs();
  one.wire.hang();
  void one.command('lamp', { to: 5 }, 8000);
  await one.clock.advance(6000);
  one.wire.letGo();
  await one.clock.advance(20_000);
  assert.deepEqual(since(one, fromMs), [
    [0, '4005'],
    [8, '4000'],
  ]);
});

test('the bytes that make an output safe end it whoever writes them, also with a safe of his own', async () => {
  const one = await world();
  const fromMs = one.clock.monotonicMs();
  void one.command('lamp', { to: 5 }, 10_000);
  await one.clock.advance(1000);
  void one.command('eco');
  await one.clock.advance(60_000);
  assert.deepEqual(since(one, fromMs), [
    [0, '4005'],
    [1, '4000'],
  ]);
  assert.deepEqual(
    one.outputs.health().held.map(({ command }) => command),
    ['eco'],
  );
});

test('a mark that is no JSON is dropped, and the others are read', async () => {
  const cleared: string[] = [];
  const good = { device: 'pump-1', command: 'lamp', id: 'a1', since: 1 };
  const marks = {
    all: () =>
      Promise.resolve([
        { key: 'a', mark: '{' },
        { key: 'pump-1/lamp', mark: JSON.stringify(good) },
      ]),
    set: () => Promise.resolve(),
    clear: (key: string) => {
      cleared.push(key);
      return Promise.resolve();
    },
  };
  const log = new RecordingLog();
  assert.deepEqual(await new MarkKeeper(marks, log).load(), [good]);
  assert.deepEqual([cleared, log.saying('is not understood').length], [['a'], 1]);
});
