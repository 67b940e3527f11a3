// When collected bytes are written: soon, once, and never within the call that brought them.
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { WriteTurn } from '../../../../gateway/broker/delivery/write-turn.js';

class Counted {
  backlog = 0;
  flushes = 0;
  ended = false;
  flush(): void {
    this.flushes += 1;
  }
  giveUp(): void {
    this.ended = true;
  }
}

test('nothing is written within the call: the parser that brought the message is not to be entered again', async () => {
  const turn = new WriteTurn(1000);
  const writer = new Counted();
  turn.add(writer);
  assert.equal(writer.flushes, 0);
  await nextTurn();
  assert.equal(writer.flushes, 1);
  await nextTurn();
  assert.equal(writer.flushes, 1);
});

test('many are written to at the end of the turn, each once', async () => {
  const turn = new WriteTurn(1000);
  const writers = Array.from({ length: 100 }, () => new Counted());
  for (const writer of writers) turn.add(writer);
  await nextTurn();
  assert.ok(writers.every(({ flushes }) => flushes === 1));
});

test('with too much behind in all, the one that is furthest behind is ended, and only it', async () => {
  const turn = new WriteTurn(1000);
  const [little, most] = [new Counted(), new Counted()];
  little.backlog = 400;
  most.backlog = 700;
  for (const writer of [little, most]) {
    turn.add(writer);
    turn.noteBacklog(writer);
  }
  await nextTurn();
  assert.deepEqual([little.ended, most.ended], [false, true]);
});
