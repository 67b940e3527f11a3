// Filters against topics: as the standard has it, whoever walks which tree, and no more work in a turn than a turn may take.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RetainedTopics } from '../../../../gateway/broker/retained/topics.js';
import { FilterTrie, filterMatches } from '../../../../gateway/broker/mqtt/topic-filter.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { header, openRawClient, type RawConnection } from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn, publishesIn } from '../../../support/mqtt/raw-packets.js';
import { until } from '../../../support/waiting.js';

const level = fc.constantFrom('a', 'b', '', '$x');
const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'))
  .chain((one) => fc.constantFrom(one, one, one, '#'));

void test('the tree of retained topics gives what each filter matches, each topic once, and forgets what goes', () => {
  const some = fc.array(topic, { maxLength: 30 });
  fc.assert(
    fc.property(some, fc.array(fc.nat(29), { maxLength: 10 }), fc.array(filter), (topics, gone, filters) => {
      const tree = new RetainedTopics();
      const kept = new Set(topics);
      for (const one of kept) tree.add(one);
      for (const index of gone) {
        const one = topics[index] ?? 'never/there';
        tree.remove(one);
        kept.delete(one);
      }
      const expected = [...kept].filter((one) => filters.some((each) => filterMatches(each, one)));
      const found = [...tree.matching(filters)].filter((one) => one !== undefined);
      assert.deepEqual(found.sort(), expected.sort());
    }),
    { numRuns: 2000 },
  );
});

void test('the tree of filters gives what matches a topic, and forgets what goes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(filter, fc.boolean(), fc.nat(2)), { maxLength: 40 }),
      topic,
      (all, wanted) => {
        const trie = new FilterTrie<{ readonly filter: string }>();
        const values = all.map(([each]) => ({ filter: each }));
        for (const [index, [each, , copies]] of all.entries())
          for (let copy = 0; copy <= copies; copy++) trie.add(each, values[index] ?? { filter: each });
        const kept = values.filter((value, index) => {
          const isGone = all[index]?.[1] === true;
          if (isGone) trie.remove(value.filter, value);
          return !isGone;
        });
        const expected = kept.filter((value) => filterMatches(value.filter, wanted));
        assert.deepEqual(new Set(trie.match(wanted)), new Set(expected));
        assert.equal(trie.match(wanted).length, expected.length);
      },
    ),
    { numRuns: 2000 },
  );
});

void test('a thousand filters against ten thousand topics cost the topics once, in slices', () => {
  const tree = new RetainedTopics();
  for (let index = 0; index < 10_000; index++) tree.add(`r/${String(index % 100)}/${String(index)}`);
  const filters = Array.from({ length: 1000 }, (_, index) => `+/+/+/x${String(index)}`);
  const slices = [...tree.matching(filters)];
  assert.ok(slices.length > 0 && slices.length <= 10, `${String(slices.length)} slices`);
  assert.ok(slices.every((one) => one === undefined));
});

void test('a topic that comes during the walk is left out: it has reached the subscriber', () => {
  const tree = new RetainedTopics();
  for (const one of ['a/1', 'a/2']) tree.add(one);
  const walk = tree.matching(['a/+']);
  assert.equal(walk.next().value, 'a/1');
  tree.add('a/3');
  assert.deepEqual([...walk], ['a/2']);
});

function subscribe(client: RawConnection, id: number, filters: readonly string[]): void {
  const parts = filters.map((one) => {
    const bytes = Buffer.from(one);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes, Buffer.from([1])]);
  });
  const body = Buffer.concat([Buffer.from([id >> 8, id & 0xff]), ...parts]);
  client.send(header(0x82, body.length), body);
}

function granted(client: RawConnection, answers: number): number {
  const subacks = packetsIn(client.received).filter(({ type }) => type === 9);
  if (subacks.length < answers) return -1;
  return subacks.reduce((sum, { body }) => sum + body.subarray(2).filter((code) => code === 1).length, 0);
}

void test('the filters of one client are bounded by their levels, and all together; who leaves makes room', async (t) => {
  const limits = { maxFilterLevels: 1000, maxFilterLevelsTotal: 1500 };
  const { port } = await startBroker(t, limits);
  const deep = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${String(index)}/${'a/'.repeat(48)}b`);
  const first = await openRawClient(t, port, 'first');
  subscribe(first, 1, deep('x', 15));
  subscribe(first, 2, deep('y', 15));
  await until('the answers', () => granted(first, 2) === 20);
  const second = await openRawClient(t, port, 'second');
  subscribe(second, 1, deep('z', 15));
  await until('the answer', () => granted(second, 1) === 10);
  first.socket.destroy();
  await first.untilClosed();
  const third = await openRawClient(t, port, 'third');
  let asked = 0;
  await until('room again', () => {
    const got = granted(third, asked);
    if (got >= 0 && got < 10) subscribe(third, ++asked, deep(`r${String(asked)}/`, 1));
    return got >= 10;
  });
});

void test('two SUBSCRIBEs at once get all their retained messages, the second behind the first', async (t) => {
  const { broker, port, url } = await startBroker(t);
  const publisher = await connectClient(t, url);
  for (let index = 0; index < 300; index++)
    await publisher.publish(`${index % 2 === 0 ? 'even' : 'odd'}/${String(index)}`, 'x', {
      retain: true,
      qos: 1,
    });
  assert.equal(broker.stats().retained, 300);
  const reader = await openRawClient(t, port, 'reader');
  subscribe(reader, 1, ['even/+']);
  subscribe(reader, 2, ['odd/+']);
  await until('all', () => publishesIn(reader.received).length === 300);
  const kinds = publishesIn(reader.received).map((publish) => publish.topic.split('/')[0]);
  assert.equal(kinds.lastIndexOf('even'), 149);
});
