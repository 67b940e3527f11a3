// One output of eight at a port expander: what ends by itself ends alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceWorld } from '../../support/bus/device-world.js';

function relay(mask: string, more = ''): string {
  return `{ args: { on: { type: bool } }, steps: [ { read: 1, modify: { mask: ${mask}, value: $on, invert: true, ones: 0xC0 } } ]${more} }`;
}

test('an output that is on for two seconds goes off alone (PCF8574)', async () => {
  let latch = 0xff;
  const type = `{ commands: { relay_2: ${relay('0x02')}, relay_5: ${relay('0x10', ', safe: { args: { on: false } }')} } }`;
  const world = new DeviceWorld(type, ({ write, readLength }) => {
    latch = write?.[0] ?? latch;
    return readLength === undefined ? {} : { bytes: [latch] };
  });
  await world.start();
  const run = async (name: string, forMs?: number): Promise<void> => {
    const [said] = await Promise.all([world.command(name, { on: 1 }, forMs), world.clock.advance(100)]);
    assert.equal(said, 'done');
  };
  await run('relay_2');
  await run('relay_5', 2000);
  await world.clock.advance(3000);
  assert.deepEqual(
    world.written.map(({ hex }) => hex),
    ['fd', 'ed', 'fd'],
  );
  await world.stop();
});
