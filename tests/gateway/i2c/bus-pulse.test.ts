// Whether a bus lives, as systemd's watchdog asks: stuck is dead; jammed, down, at rest and idle are alive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusPart, type BusPartOptions } from '../../../gateway/i2c/bus-part.js';
import { GatewayError } from '../../../shared/errors.js';
import type { OwnedI2cBus } from '../../../shared/ports.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';
import { FakeClock } from '../../support/fake-clock.js';

const read = { address: 8, readLength: 1 };
const DEAD = {
  code: 'bus_fault',
  message: /^The bus main has not moved for \d+ s, and does not help itself\.$/,
};

function partOn(clock: FakeClock, more: Pick<BusPartOptions, 'open'> & Partial<BusPartOptions>): BusPart {
  return new BusPart({ id: 'main', clock, onStep: () => undefined, onDown: () => undefined, ...more });
}

/** As the watchdog asks, every 20 s for five minutes, each time after `does`; throws as the first that is not answered. */
async function watched(clock: FakeClock, part: BusPart, does = (): void => undefined): Promise<void> {
  for (let turn = 0; turn < 15; turn += 1) {
    does();
    await clock.advance(500);
    part.proveLife();
    await clock.advance(19_500);
  }
}

test('a bus that owes an answer and takes no step of its recovery does not live', async () => {
  const clock = new FakeClock();
  // It takes what it is handed and says nothing of it, not even that it began: so nobody's patience ends.
  const silent: OwnedI2cBus = {
    transfer: () => new Promise(() => undefined),
    close: () => Promise.resolve(),
  };
  const part = partOn(clock, { open: () => Promise.resolve(silent) });
  await part.start();
  await watched(clock, part);
  const asked = part.transfer(read, { priority: 'poll', deadlineMs: 1000 });
  await Promise.all([assert.rejects(asked), clock.advance(1000)]);
  await assert.rejects(watched(clock, part), DEAD);
});

test('a bus whose opening does not end does not live; its recovery program has its time on top', async () => {
  const clock = new FakeClock();
  const never = (): Promise<OwnedI2cBus> => new Promise(() => undefined);
  const [part, patient] = [
    partOn(clock, { open: never }),
    partOn(clock, { open: never, hookWithinMs: 600_000 }),
  ];
  void part.start();
  void patient.start();
  await assert.rejects(watched(clock, part), DEAD);
  await watched(clock, patient);
});

test('a bus that is jammed, with every device away, and one that rests long, live', async () => {
  const clock = new FakeClock();
  const tried: number[] = [];
  const part = partOn(clock, {
    open: () =>
      Promise.resolve(
        new ScriptedBus(clock, ({ address }) => {
          tried.push(address);
          return { takesMs: 1000, error: new GatewayError('timeout', 'held low') };
        }),
      ),
    // As its supervisor does, without the pause.
    onDown: () => void part.stop().then(() => part.start()),
  });
  await part.start();
  await watched(clock, part, () => {
    for (let count = 0; count < 4; count += 1)
      part.transfer(read, { priority: 'poll' }).catch(() => undefined);
  });
  assert.ok(tried.length > 10, String(tried.length));

  const resting = partOn(clock, {
    open: () => Promise.resolve(new ScriptedBus(clock, () => ({ bytes: [1] }))),
  });
  await resting.start();
  const first = resting.transfer(read, { priority: 'poll', restMs: 3_600_000 });
  await Promise.all([first, clock.advance(1)]);
  await watched(clock, resting);
});
