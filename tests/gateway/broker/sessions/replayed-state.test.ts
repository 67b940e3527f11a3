// Whatever happens to the broker's store, applying the facts it told brings the same state, also behind a snapshot of any
// moment: nothing is decided again. That each kind of fact is needed shows when it is withheld.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { factOf, factsOf, writtenFact } from '../../../../gateway/broker/journal/fact-lines.js';
import { DEFAULT_LIMITS } from '../../../../gateway/broker/mqtt/limits.js';
import { MemoryPersistence } from '../../../../gateway/broker/sessions/memory-persistence.js';
import type { StoredPacket } from '../../../../gateway/broker/mqtt/packet.js';
import type { Fact } from '../../../../gateway/broker/sessions/fact.js';
import type { QoS } from '../../../../shared/ports.js';

/** Small, so that every bound is met. */
const LIMITS = {
  ...DEFAULT_LIMITS,
  maxQueuedMessages: 4,
  maxQueuedBytes: 900,
  maxQueuedTotalBytes: 3000,
  maxSessions: 2,
  maxSubscriptions: 3,
  maxFilterLevels: 6,
  maxInflightInbound: 2,
  maxRetained: 2,
  maxRetainedBytes: 700,
};
/** Of messages; of sessions three times as long. */
const QUEUED_AGE_MS = 50;

class Run {
  nowMs = 0;
  wallMs = 1_790_000_000_000;
  readonly lines: string[] = [];
  readonly clients: Record<string, unknown> = {};
  readonly store = this.fresh();
  counter = 0;

  constructor(withheld: string | undefined) {
    this.store.recordTo((fact) => {
      if (fact[0] !== withheld) this.lines.push(lineOf(fact));
    });
  }

  fresh(): MemoryPersistence {
    const clock = { now: () => this.wallMs, monotonicMs: () => this.nowMs };
    const store = new MemoryPersistence({ limits: LIMITS, clock, isUnlimited: (topic) => topic === 'own' });
    void store.setup({ id: 'b', clients: this.clients });
    return store;
  }

  packet(topic: string, size: number, qos: QoS): StoredPacket {
    const payload = Buffer.alloc(size, String(this.counter));
    const brokerCounter = ++this.counter;
    return { cmd: 'publish', brokerId: 'b', brokerCounter, topic, payload, qos, retain: false };
  }
}

type Operation = (run: Run) => void;

const id = fc.constantFrom('a', 'b', 'c');
const topic = fc.constantFrom('x', 'x/y', 'own');
const filter = fc.constantFrom('x', 'x/+', '#', 'x/y/z/+/#');
const size = fc.constantFrom(0, 10, 300, 600);
const qos = fc.constantFrom(0, 1, 2) as fc.Arbitrary<QoS>;
const messageId = fc.integer({ min: 1, max: 4 });
const isClean = fc.boolean();

/** A message of the queue: the oldest, or the one behind it. */
function waiting(run: Run, clientId: string, which: number): StoredPacket | undefined {
  const queued = run.store.queues.outgoing(clientId)?.resent() ?? [];
  return queued[which % Math.max(1, queued.length)];
}

const OPERATIONS: readonly fc.Arbitrary<Operation>[] = [
  fc.tuple(topic, size, qos).map(([name, bytes, q]) => (run: Run) => {
    run.store.storeRetained({ ...run.packet(name, bytes, q), retain: true });
  }),
  fc
    .tuple(id, fc.array(fc.tuple(filter, qos), { minLength: 1, maxLength: 3 }))
    .map(([who, list]) => (run) => {
      run.store.addSubscriptions(
        { id: who },
        list.map(([name, q]) => ({ topic: name, qos: q })),
      );
    }),
  fc.tuple(id, fc.array(filter, { maxLength: 2 })).map(([who, filters]) => (run) => {
    run.store.removeSubscriptions({ id: who }, filters);
  }),
  fc.tuple(topic, size, qos).map(([name, bytes, q]) => (run) => {
    run.store.subscriptionsByTopic(name).then((subscriptions) => {
      run.store.outgoingEnqueueCombi(subscriptions, run.packet(name, bytes, q));
    });
  }),
  fc.tuple(id, messageId).map(([who, number]) => (run) => {
    const next = run.store.queues.outgoing(who)?.next();
    if (next !== undefined) run.store.queues.sent(who, next, number);
  }),
  fc.tuple(id, messageId, fc.nat(1)).map(([who, number, which]) => (run) => {
    const packet = waiting(run, who, which);
    if (packet?.cmd === 'publish') run.store.queues.sent(who, packet, number);
  }),
  fc.tuple(id, messageId).map(([who, number]) => (run) => {
    run.store.outgoingUpdate({ id: who }, { cmd: 'pubrel', messageId: number } as StoredPacket);
  }),
  fc.tuple(id, messageId).map(([who, number]) => (run) => {
    run.store.queues.acknowledge(who, number);
  }),
  fc.tuple(id, fc.nat(1)).map(([who, which]) => (run) => {
    const packet = waiting(run, who, which);
    if (packet !== undefined) run.store.queues.discardOutgoing({ id: who }, packet);
  }),
  fc.tuple(id, messageId, isClean).map(([who, number, clean]) => (run) => {
    run.store.incomingStorePacket({ id: who, clean }, { messageId: number });
  }),
  fc.tuple(id, messageId).map(([who, number]) => (run) => {
    void run.store.incomingDelPacket({ id: who }, { messageId: number }).then(null, () => undefined);
  }),
  id.map((who) => (run) => {
    void run.store.cleanIncoming({ id: who });
  }),
  fc.tuple(id, size).map(([who, bytes]) => (run) => {
    void run.store.putWill({ id: who }, run.packet('will', bytes, 1));
  }),
  id.map((who) => (run) => {
    void run.store.delWill({ id: who });
  }),
  id.map((who) => (run) => {
    void run.store.cleanSubscriptions({ id: who });
  }),
  id.map((who) => (run) => {
    run.clients[who] = {};
    run.store.attendance.arrived(who);
  }),
  id.map((who) => (run) => {
    Reflect.deleteProperty(run.clients, who);
    run.store.attendance.left(who);
  }),
  fc.tuple(fc.nat(100), fc.integer({ min: -1e9, max: 1e9 })).map(([ms, jumpMs]) => (run) => {
    run.nowMs += ms;
    run.wallMs += jumpMs;
    run.store.attendance.alive();
    run.store.attendance.expireQueued(QUEUED_AGE_MS);
    for (const { clientId: who, awayMs } of [...run.store.attendance.away()])
      if (awayMs > 3 * QUEUED_AGE_MS) run.store.attendance.expireSession(who);
  }),
];

function lineOf(fact: Fact): string {
  return JSON.stringify(writtenFact(fact));
}

/** All but the time. */
function stateOf(store: MemoryPersistence): string[] {
  const state = store.state();
  const sessions = [...state.sessions].sort((a, b) => (a.clientId < b.clientId ? -1 : 1));
  return [...factsOf({ ...state, sessions })].filter(([kind]) => kind !== 'alive').map(lineOf);
}

/** A store that has read these lines. */
function replayed(run: Run, lines: readonly string[]): MemoryPersistence {
  const store = run.fresh();
  for (const line of lines) {
    const fact = factOf(JSON.parse(line));
    assert.ok(fact !== undefined);
    store.restore(fact);
  }
  return store;
}

function property(withheld?: string): fc.IProperty<[Operation[], number]> {
  const operations = fc.array(fc.oneof(...OPERATIONS), { maxLength: 60, size: 'max' });
  return fc.property(operations, fc.nat(60), (all, snapshotAt) => {
    const run = new Run(withheld);
    let [snapshot, cut]: [Fact[], number] = [[], 0];
    for (const [index, operation] of all.entries()) {
      if (index === snapshotAt) [snapshot, cut] = [[...factsOf(run.store.state())], run.lines.length];
      operation(run);
    }
    // Read late, as the file is written while the state goes on.
    const compacted = [...snapshot.map(lineOf), ...run.lines.slice(cut)];
    const expected = stateOf(run.store);
    const again = replayed(run, run.lines);
    assert.deepEqual(stateOf(again), expected);
    again.restored();
    const { droppedQueued, droppedSessions, droppedIncoming } = again.dropped;
    assert.deepEqual([droppedQueued, droppedIncoming, again.retained.dropped], [0, 0, 0]);
    assert.ok(droppedSessions <= Object.keys(run.clients).length, 'only who was connected was beyond');
    assert.deepEqual(stateOf(replayed(run, compacted)), expected, 'behind a snapshot');
    assert.deepEqual(stateOf(replayed(run, expected)), expected, 'of a snapshot');
  });
}

void test('any run of operations: the facts of it bring the same state', () => {
  fc.assert(property(), { numRuns: 1000 });
});

const KINDS: readonly Fact[0][] = [
  'retained',
  'unretained',
  'subscribed',
  'unsubscribed',
  'queued',
  'numbered',
  'released',
  'acknowledged',
  'dropped',
  'incoming',
  'completed',
  'will',
  'willGone',
  'away',
  'back',
  'forgotten',
];

for (const kind of KINDS)
  void test(`without the facts "${kind}" the state that comes back is another`, () => {
    const { failed } = fc.check(property(kind), { numRuns: 20_000, endOnFailure: true });
    assert.ok(failed);
  });
