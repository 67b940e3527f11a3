// More commands than may be under way: whoever sends them is slowed down, and none is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandWorld } from '../../support/bus/command-world.js';
import { until } from '../../support/waiting.js';

const COMMANDS = 500;
/** Under way, and as many more as are on their way between the two ends. */
const MOST_AHEAD = 300;

test('more commands than may be under way are acknowledged as they are answered, and all run', async (t) => {
  const world = await commandWorld(t);
  const { client, clock } = world;
  let acknowledged = 0;
  let furthestAhead = 0;
  const sending = Array.from({ length: COMMANDS }, (_, index) =>
    world
      .send('pump', JSON.stringify({ id: `c-${String(index)}`, args: { speed: index % 101 } }))
      .then(() => {
        acknowledged += 1;
        furthestAhead = Math.max(furthestAhead, acknowledged - client.received.length);
      }),
  );
  const allAnswered = (): boolean => {
    void clock.advance(5);
    return client.received.length >= COMMANDS;
  };
  await until('an answer to each', allAnswered, 60_000);
  const said = await world.replies(COMMANDS);
  await Promise.all(sending);
  assert.deepEqual(new Set(said.map(({ status, error }) => error?.code ?? status)), new Set(['done']));
  assert.equal(new Set(said.map(({ id }) => id)).size, COMMANDS);
  assert.ok(furthestAhead <= MOST_AHEAD, `${String(furthestAhead)} were acknowledged and not answered`);
});
