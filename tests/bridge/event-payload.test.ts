// What of the event topic is kept: within what every store takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEvent } from '../../bridge/logbook/event.js';

const nested = (levels: number): Buffer =>
  Buffer.from(`{"type":"odd","d":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`);

test('an event that is nested too deep for MongoDB is refused in words', () => {
  assert.equal(parseEvent(nested(32), 'greenhouse', 5).name, 'odd');
  const refused = { code: 'bad_payload', message: 'An event is nested 32 deep at most.' };
  for (const levels of [33, 101, 2000])
    assert.throws(() => parseEvent(nested(levels), 'greenhouse', 5), refused, String(levels));
});
