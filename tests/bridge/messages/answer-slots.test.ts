import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerSlots } from '../../../bridge/messages/answer-slots.js';
import { GatewayError } from '../../../shared/errors.js';

const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

test('whoever asks when all places are taken waits, and they are let in in the order they came', async () => {
  const slots = new AnswerSlots({ unanswered: 2 });
  const first = await slots.take(10);
  await slots.take(10);
  const entered: string[] = [];
  const waiting = ['a', 'b'].map(async (name) => {
    const release = await slots.take(10);
    entered.push(name);
    return release;
  });
  await turn();
  assert.deepEqual(entered, []);
  assert.deepEqual(slots.counts(), { unanswered: 2, waiting: 2, refused: 0 });
  first();
  // Giving a place back twice lets nobody else in.
  first();
  await turn();
  assert.deepEqual(entered, ['a']);
  (await waiting[0])?.();
  await turn();
  assert.deepEqual(entered, ['a', 'b']);
  assert.deepEqual(slots.counts(), { unanswered: 2, waiting: 0, refused: 0 });
});

test('what waits is bounded in bytes, and what is beyond is refused and counted', async () => {
  const slots = new AnswerSlots({ unanswered: 1, waitingBytes: 5000 });
  const release = await slots.take(0);
  const waiting = slots.take(3000);
  await assert.rejects(
    slots.take(1000),
    (error) => error instanceof GatewayError && error.code === 'queue_full',
  );
  assert.deepEqual(slots.counts(), { unanswered: 1, waiting: 1, refused: 1 });
  release();
  (await waiting)();
  assert.equal(slots.counts().unanswered, 0);
});
