// Points with the longest names and the longest numbers there are: an answer of them has the bytes that it may have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../bridge/history/history.js';
import { MAX_ANSWER_BYTES } from '../../../bridge/messages/answer-size.js';
import { encodeJson } from '../../../shared/messages.js';
import type { Point, PointsQuery } from '../../../shared/points.js';
import { FakeClock } from '../../support/fake-clock.js';

const LARGEST = -Number.MAX_VALUE / 1.0000000000000002;
const range = { device: 'tank-1', from: 1_600_000_000_000, to: 1_700_000_000_000 };
/** A character that JSON writes with six. */
const fields = Array.from({ length: 16 }, (_, index) => String(index).padEnd(64, '\u0001'));

const outbox = { query: async () => Promise.resolve([]) };
const store = {
  query: outbox.query,
  /** A point in every stretch. */
  points: async ({ fromTs, toTs, bucketMs }: PointsQuery): Promise<readonly Point[]> =>
    Promise.resolve(
      Array.from({ length: Math.ceil((toTs - fromTs) / bucketMs) }, (_, bucket) => {
        return { bucket, count: 500_000, min: LARGEST, avg: LARGEST, max: LARGEST };
      }),
    ),
};

for (const largest of [undefined, 10_000, 20_000, 100_000])
  test(`16 fields of 5,000 points fit into ${String(largest ?? 'our own bound')}`, async () => {
    const history = new History(outbox, store, new FakeClock(), () => largest);
    const answer = await history.points({ ...range, fields, points: 5000 });
    assert.deepEqual(Object.keys(answer.series).sort(), [...fields].sort());
    const bytes = encodeJson(answer).length;
    const most = largest ?? MAX_ANSWER_BYTES;
    assert.ok(bytes <= most, `${String(bytes)} of ${String(most)}`);
    // And not for want of points.
    assert.ok(bytes > most * 0.75, `${String(bytes)} of ${String(most)}`);
  });
