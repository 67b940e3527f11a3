// The page draws many changes together, and a single one at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apart } from '../../../../../gateway/web/page/live/ticks.js';
import { Watchers } from '../../../../../gateway/web/page/live/watchers.js';

test('a single change is drawn with the next frame, many in few drawings, and the last is never left out', (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 1_795_386_090_000 });
  const watchers = new Watchers(
    apart(250, (flush) => {
      flush();
    }),
  );
  let [value, drawn, drawings] = [0, -1, 0];
  watchers.watch('x', () => {
    [drawn, drawings] = [value, drawings + 1];
  });
  watchers.touch('x');
  assert.equal(drawn, 0);
  for (value = 1; value <= 100; value += 1) {
    watchers.touch('x');
    t.mock.timers.tick(10);
  }
  t.mock.timers.tick(250);
  assert.equal(drawn, 100);
  assert.ok(drawings <= 6, String(drawings));
});
