// Answers are bounded by bytes, by what the broker takes that they go by.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../bridge/history/history.js';
import { answerLogbook } from '../../../bridge/logbook/request.js';
import type { EventEntry, LogbookEntry } from '../../../shared/logbook.js';
import { encodeJson } from '../../../shared/messages.js';
import type { PointsQuery } from '../../../shared/points.js';
import { FakeClock } from '../../support/fake-clock.js';

void test('of the logbook the newest come that fit into a message of the broker, counted in bytes', async () => {
  const all = Array.from({ length: 300 }, (_, index): EventEntry => ({
    ...{ kind: 'event', gateway: 'greenhouse', ts: index, name: 'note' },
    detail: { message: '°'.repeat(50) },
  }));
  const logbook = {
    query: () => Promise.resolve(all),
    keyOf: ({ ts }: LogbookEntry) => `key of ${String(ts)}`,
  };
  const asked = { from: 0, to: 1000 };
  const answer = await answerLogbook(logbook, asked, new FakeClock(), () => 8092);
  assert.ok(encodeJson(answer).length < 8092, String(encodeJson(answer).length));
  assert.ok(answer.truncated && answer.entries.length > 20);
  assert.equal(answer.entries.at(-1)?.ts, 299);
  assert.equal(answer.next, `key of ${String(answer.entries[0]?.ts)}`);
});

void test('points become coarser where the broker takes no larger answer, and say so', async () => {
  const none = { query: () => Promise.resolve([]) };
  const { fromTs, toTs } = { fromTs: 1_795_000_000_000, toTs: 1_795_000_100_000 };
  const store = {
    ...none,
    points: ({ bucketMs }: PointsQuery) =>
      Promise.resolve(
        Array.from({ length: Math.ceil((toTs - fromTs) / bucketMs) }, (_, bucket) => ({
          ...{ bucket, count: 1_000_000, min: -1.2345678901234568e-300, max: 1.2345678901234567e300 },
          avg: -1.2345678901234568e-300,
        })),
      ),
  };
  const history = new History(none, store, new FakeClock(), () => 8092);
  const asked = { device: 'tank-1', from: fromTs, to: toTs, fields: ['one', 'two'], points: 1000 };
  const { bucketMs, series } = await history.points(asked);
  assert.equal(bucketMs, 2858);
  assert.ok((series['two']?.length ?? 0) === 35);
  const bytes = encodeJson({ device: 'tank-1', series }).length;
  assert.ok(bytes < 7092 && bytes > 5000, String(bytes));
});
