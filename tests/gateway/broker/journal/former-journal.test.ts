// The journal of version 0.1.0, as it wrote it: what an upgrade finds is all there, and written anew as facts.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrokerJournal } from '../../../../gateway/broker/journal/journal.js';
import { factsOf } from '../../../../gateway/broker/journal/fact-lines.js';
import { lineOf } from '../../../../gateway/broker/journal/lines.js';
import { DEFAULT_LIMITS } from '../../../../gateway/broker/mqtt/limits.js';
import { MemoryPersistence } from '../../../../gateway/broker/sessions/memory-persistence.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

function packet(brokerCounter: number, topic: string, text: string, qos: number, retain = false): object {
  const payload = { base64: Buffer.from(text).toString('base64') };
  return { cmd: 'publish', brokerId: 'run1', brokerCounter, topic, qos, retain, dup: false, payload };
}

const BOTH = [
  { clientId: 'c', qos: 2 },
  { clientId: 'd', qos: 1 },
];
const WILL = { ...packet(10, 'will/w', 'bye', 1), clientId: 'w' };

/** As calls came one by one. */
const LIVE: readonly (readonly unknown[])[] = [
  ['storeRetained', packet(1, 'r/a', 'kept', 1, true)],
  ['storeRetained', packet(2, 'r/b', 'gone', 1, true)],
  ['storeRetained', packet(3, 'r/b', '', 1, true)],
  ['addSubscriptions', { id: 'c' }, [{ topic: 'q/#', qos: 2 }]],
  [
    'addSubscriptions',
    { id: 'd' },
    [
      { topic: 'q/1', qos: 1 },
      { topic: 'x', qos: 0 },
    ],
  ],
  ['removeSubscriptions', { id: 'd' }, ['x']],
  ['outgoingEnqueueCombi', BOTH, packet(4, 'q/1', 'one', 2)],
  ['outgoingEnqueueCombi', BOTH, packet(5, 'q/1', 'two', 2)],
  ['outgoingEnqueueCombi', BOTH, packet(6, 'q/1', 'three', 2)],
  ['sent', 'c', packet(4, 'q/1', 'one', 2), 11],
  ['outgoingUpdate', { id: 'c' }, { cmd: 'pubrel', messageId: 11 }],
  ['sent', 'c', packet(5, 'q/1', 'two', 2), 12],
  ['sent', 'd', packet(4, 'q/1', 'one', 2), 21],
  ['acknowledge', 'd', 21],
  ['discardOutgoing', { id: 'd' }, packet(5, 'q/1', 'two', 2)],
  ['incomingStorePacket', { id: 'c' }, { ...packet(8, 'y', 'in', 2), messageId: 31 }],
  ['incomingStorePacket', { id: 'c' }, { ...packet(9, 'y', 'in', 2), messageId: 32 }],
  ['incomingDelPacket', { id: 'c' }, { messageId: 31 }],
  ['incomingDelPacket', { id: 'c' }, { messageId: 31 }],
  ['putWill', { id: 'w' }, WILL],
  ['addSubscriptions', { id: 'gone' }, [{ topic: 'q', qos: 1 }]],
  ['expireSession', 'gone'],
];

/** As the same state was written anew. */
const SNAPSHOT: readonly (readonly unknown[])[] = [
  ['storeRetained', packet(1, 'r/a', 'kept', 1, true)],
  ['addSubscriptions', { id: 'c' }, [{ topic: 'q/#', qos: 2 }]],
  ['addSubscriptions', { id: 'd' }, [{ topic: 'q/1', qos: 1 }]],
  [
    'outgoingEnqueueCombi',
    [{ clientId: 'c', qos: 2 }],
    { cmd: 'publish', brokerId: 'released', brokerCounter: 11, topic: '', payload: '', qos: 2 },
  ],
  [
    'sent',
    'c',
    { cmd: 'publish', brokerId: 'released', brokerCounter: 11, topic: '', payload: '', qos: 2 },
    11,
  ],
  ['outgoingUpdate', { id: 'c' }, { cmd: 'pubrel', messageId: 11 }],
  ['outgoingEnqueueCombi', [{ clientId: 'c', qos: 2 }], { ...packet(5, 'q/1', 'two', 2), messageId: 12 }],
  ['sent', 'c', { ...packet(5, 'q/1', 'two', 2), messageId: 12 }, 12],
  ['outgoingEnqueueCombi', [{ clientId: 'c', qos: 2 }], packet(6, 'q/1', 'three', 2)],
  ['outgoingEnqueueCombi', [{ clientId: 'd', qos: 1 }], packet(6, 'q/1', 'three', 1)],
  ['incomingStorePacket', { id: 'c' }, { ...packet(9, 'y', 'in', 2), messageId: 32 }],
  ['putWill', { id: 'w' }, WILL],
];

async function open(dataDir: string): Promise<readonly [MemoryPersistence, BrokerJournal, RecordingLog]> {
  const log = new RecordingLog();
  const store = new MemoryPersistence({ limits: DEFAULT_LIMITS });
  await store.setup({ id: 'run2', clients: {} });
  const journal = new BrokerJournal({ dataDir, clock: new SystemClock(), log });
  await journal.start(store, () => false);
  return [store, journal, log];
}

function summary(store: MemoryPersistence): unknown {
  const { retained, sessions } = store.state();
  return {
    retained: [...retained].map(({ topic, payload }) => `${topic}=${payload.toString()}`),
    sessions: sessions.map(({ clientId, subscriptions, waiting, incoming, will }) => ({
      clientId,
      filters: subscriptions.map(({ topic, qos }) => `${topic} ${String(qos)}`),
      waiting: waiting.map(([shared, , [, qos, , messageId, state]]) =>
        [shared?.packet.payload.toString() ?? '', qos, messageId, state].join(' '),
      ),
      incoming,
      will: will?.payload.toString(),
    })),
  };
}

const EXPECTED = {
  retained: ['r/a=kept'],
  sessions: [
    {
      clientId: 'c',
      filters: ['q/# 2'],
      waiting: [' 2 11 released', 'two 2 12 new', 'three 2 -1 new'],
      incoming: [32],
      will: undefined,
    },
    { clientId: 'd', filters: ['q/1 1'], waiting: ['three 1 -1 new'], incoming: [], will: undefined },
    { clientId: 'w', filters: [], waiting: [], incoming: [], will: 'bye' },
  ],
};

for (const [name, calls] of [
  ['as calls came', LIVE],
  ['written anew', SNAPSHOT],
] as const)
  void test(`a journal of 0.1.0 is read at an upgrade, ${name}`, async (t) => {
    const dataDir = await temporaryFolder(t);
    const path = join(dataDir, 'broker.journal');
    await writeFile(path, calls.map(lineOf).join(''));
    const [store, journal, log] = await open(dataDir);
    assert.deepEqual(summary(store), EXPECTED);
    assert.deepEqual(store.dropped.droppedSessions, 0);
    assert.deepEqual(log.saying('another version'), []);
    await journal.stop();
    assert.ok(!(await readFile(path, 'utf8')).includes('outgoingEnqueueCombi'));
    const [again, second] = await open(dataDir);
    assert.deepEqual(summary(again), EXPECTED);
    assert.deepEqual(
      [...factsOf(again.state())].map(([kind]) => kind).filter((kind) => kind === 'will'),
      ['will'],
    );
    await second.stop();
  });

void test('entries of a later version are left out, and said', async (t) => {
  const dataDir = await temporaryFolder(t);
  await writeFile(join(dataDir, 'broker.journal'), lineOf(['tomorrow', 1]) + lineOf({ no: 'list' }));
  const [, journal, log] = await open(dataDir);
  assert.equal(log.saying('another version').length, 1);
  await journal.stop();
});
