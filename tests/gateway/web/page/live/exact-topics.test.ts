// Where a broker gives a wildcard nothing retained, what a gateway lists is asked for by name: once, and only what nobody said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExactTopics } from '../../../../../gateway/web/page/live/exact-topics.js';
import { encodeJson } from '../../../../../shared/messages.js';
import { Topics } from '../../../../../shared/topics.js';
import { until } from '../../../../support/waiting.js';

const TOPICS = new Topics('iot', 'greenhouse');

test('what a gateway lists and nobody has said is asked for by its exact topic', async () => {
  const asked: string[][] = [];
  const exact = new ExactTopics('iot', (topics) => asked.push(topics));
  exact.gateway('greenhouse');
  exact.gateway('greenhouse');
  exact.gateway('+');
  assert.deepEqual(asked, [[TOPICS.info, TOPICS.status]]);
  exact.seen(TOPICS.meta('lamp'));
  exact.info('greenhouse', encodeJson({ devices: ['lamp', '#', 7] }));
  await until('the rest is asked for', () => asked.length > 1);
  assert.deepEqual(asked[1], [
    TOPICS.state('lamp'),
    TOPICS.availability('lamp'),
    TOPICS.deviceHealth('lamp'),
  ]);
});
