// The short names that a client is given for topics: few, whatever it says that it takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TopicAliases } from '../../../../gateway/broker/delivery/topic-aliases.js';

test('no client has more of them than are worth the memory', () => {
  const aliases = new TopicAliases(60_000);
  const given = Array.from({ length: 100 }, (_, number) => {
    const topic = `t/${String(number)}`;
    const alias = aliases.of(topic, 1);
    if (alias !== undefined) aliases.sent(topic, alias);
    return alias?.number;
  });
  assert.deepEqual(
    given.filter((number) => number !== undefined),
    Array.from({ length: 32 }, (_, at) => at + 1),
  );
  assert.deepEqual(aliases.of('t/0', 0), { number: 1, isKnown: true, bytes: Buffer.from([0x23, 0, 1]) });
});
