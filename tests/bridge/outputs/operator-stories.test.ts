// A short run of the fuzzing operator; `node dist/tests/fuzz/run-operator.js [minutes] [seed]` makes a long one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tell } from '../../fuzz/operator.js';
import { Random } from '../../support/random.js';

const STORIES = 25;

test('whatever an operator, the wire and the clock do, what has a time ends, and every command is answered once', async (t) => {
  const first = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seeds from ${String(first)}`);
  for (let seed = first; seed < first + STORIES; seed += 1) {
    const { broken } = await tell(new Random(seed));
    assert.deepEqual(broken, [], `seed ${String(seed)}`);
  }
});
