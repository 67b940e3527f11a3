// What a device says on its topics, of a type with two samples whose fields have whatever names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pollerWorld } from '../../support/bus/poller-world.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  tank:
    samples:
      - { every: 4s, write: [0x10], read: 1, fields: { constructor: { type: uint8, max: 9 } } }
      - { every: 1s, write: [0x11], read: 1, fields: { light: { type: uint8 } } }
devices: { tank-1: { type: tank, bus: main, address: 0x08 } }
`;

test('a field keeps its error in the state while others are read, whatever it is called', async (t) => {
  const { clock, poller, said } = await pollerWorld(t, YAML, ({ write }) => ({
    takesMs: 1,
    bytes: write?.[0] === 0x10 ? [200] : [7],
  }));
  await poller.start();
  await clock.advance(11_000);
  const states = said('device/tank-1/state').filter(({ values }) => 'light' in (values as object));
  assert.ok(states.length >= 8);
  const both = states.filter(({ values }) => Object.hasOwn(values as object, 'constructor'));
  assert.ok(both.length >= 5);
  for (const { errors } of both) assert.deepEqual(errors, { constructor: 'out_of_range' });
});
