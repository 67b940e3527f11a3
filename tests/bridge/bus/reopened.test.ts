// A bus that is opened anew for months, as often as its adapter falls off.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { GatewayError } from '../../../shared/errors.js';
import { FINE, opened } from '../../support/bus/recovering-world.js';

test('however often a bus is opened anew, no listener of it is left behind', async () => {
  const signals: AbortSignal[] = [];
  const hook = (signal: AbortSignal): Promise<string> => {
    signals.push(signal);
    return Promise.resolve('It ended.');
  };
  // After a bus that was down the program goes first, and sees the signal that all rungs have.
  const world = await opened({ behaviour: () => FINE, afterDown: true, hook });
  for (let times = 0; times < 5; times += 1) {
    world.lost.at(-1)?.(new GatewayError('bus_fault', 'the process ended'));
    await world.clock.advance(10);
    assert.equal(await world.read(8), 'ok');
  }
  const [signal] = signals;
  assert.ok(signal !== undefined);
  assert.deepEqual([world.opened.length, getEventListeners(signal, 'abort')], [6, []]);
});
