// What becomes of a notice that nobody takes, on a clock that the test moves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlarmNews } from '../../../bridge/alarms/news.js';
import { AlarmTeller, type KeptNotices } from '../../../bridge/alarms/teller.js';
import { GatewayError } from '../../../shared/errors.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

const YAML = `
gateway: g
buses: {}
types: {}
devices: {}
alarms: { webhooks: { phone: { url: 'http://x/', severity: warning, when: [raised], keep: 1h } } }
`;

interface World {
  readonly clock: FakeClock;
  readonly log: RecordingLog;
  readonly teller: AlarmTeller;
  /** Second and sentence of each attempt. */
  readonly attempts: string[];
  /** What the other side says; undefined: it takes all. */
  fault: GatewayError | undefined;
  kept: KeptNotices;
}

function worldOf(kept: KeptNotices = {}): World {
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  let id = 0;
  const world: Omit<World, 'teller'> = { clock, log, attempts: [], fault: undefined, kept };
  const teller = new AlarmTeller({
    ...{ clock, log, webhooks: parseConfig(YAML, 'test.yaml').webhooks ?? [] },
    newId: () => String((id += 1)),
    memory: {
      load: () => Promise.resolve(kept),
      save: (notices) => {
        world.kept = notices;
        return Promise.resolve();
      },
    },
    send: (_, notice) => {
      world.attempts.push(`${String(clock.monotonicMs() / 1000)} ${notice.message}`);
      return world.fault === undefined ? Promise.resolve() : Promise.reject(world.fault);
    },
  });
  return Object.assign(world, { teller });
}

function news(message: string, clock: FakeClock, more: Partial<AlarmNews> = {}): AlarmNews {
  const facts = {
    value: '',
    limit: '',
    field: '',
    unit: '',
    label: '',
    device: '',
    alarm: '',
    severity: '',
    gateway: '',
    since: '',
  };
  const place = { device: 'tank', alarm: 'high', value: 95, since: 1 };
  return { what: 'raised', ts: clock.now(), severity: 'warning', message, facts, ...place, ...more };
}

const AWAY = new GatewayError('closed', 'It is away.');

test('only what it wants to know of, in order, at once', async () => {
  const { clock, teller, attempts } = worldOf();
  await teller.start();
  teller.tell(news('a', clock));
  teller.tell(news('b', clock, { severity: 'info' }));
  teller.tell(news('c', clock, { what: 'cleared' }));
  teller.tell(news('d', clock, { severity: 'critical' }));
  await clock.advance(0);
  assert.deepEqual(attempts, ['0 a', '0 d']);
  assert.equal(teller.health()['phone']?.notices.sent, 2);
  await teller.stop();
});

test('tried again with growing pauses; it is said once that it fails, and once that it works again', async () => {
  const world = worldOf();
  const { clock, teller, attempts, log } = world;
  world.fault = AWAY;
  await teller.start();
  teller.tell(news('a', clock));
  await clock.advance(600_000);
  assert.deepEqual(
    attempts.map((attempt) => Number(attempt.split(' ')[0])),
    [0, 1, 3, 7, 15, 31, 63, 127, 247, 367, 487],
  );
  const health = teller.health()['phone'];
  assert.deepEqual(
    [health?.state, health?.failures, health?.waiting, health?.error],
    ['failing', 11, 1, 'It is away.'],
  );
  world.fault = undefined;
  await clock.advance(120_000);
  assert.equal(teller.health()['phone']?.state, 'ok');
  assert.deepEqual(log.messages('warn'), ['a webhook is not told of alarms: It is away.']);
  assert.deepEqual(log.messages('info'), ['the webhook is told of alarms again']);
  assert.deepEqual(world.kept, { phone: [] });
  await teller.stop();
  assert.equal(clock.waiting, 0);
});

test('no more than a hundred wait, the oldest behind the first go, and are counted', async () => {
  const world = worldOf();
  const { clock, teller, attempts } = world;
  world.fault = AWAY;
  await teller.start();
  for (let index = 0; index < 150; index += 1) teller.tell(news(String(index), clock));
  await clock.advance(0);
  const { waiting, notices } = teller.health()['phone'] ?? {};
  assert.deepEqual([waiting, notices?.dropped], [100, 50]);
  world.fault = undefined;
  attempts.length = 0;
  await clock.advance(1000);
  assert.deepEqual(
    attempts.map((attempt) => Number(attempt.split(' ')[1])),
    [0, ...Array.from({ length: 99 }, (_, index) => 51 + index)],
  );
});

test('nobody is told of what is not written down yet', async () => {
  let written = (): void => undefined;
  const attempts: string[] = [];
  const clock = new FakeClock();
  const teller = new AlarmTeller({
    ...{ clock, log: new RecordingLog(), webhooks: parseConfig(YAML, 'test.yaml').webhooks ?? [] },
    newId: () => '1',
    memory: {
      load: () => Promise.resolve({}),
      save: () =>
        new Promise((resolve) => {
          written = resolve;
        }),
    },
    send: (_, { message }) => {
      attempts.push(message);
      return Promise.resolve();
    },
  });
  await teller.start();
  teller.tell(news('a', clock));
  await clock.advance(1000);
  assert.equal(attempts.length, 0);
  written();
  await clock.advance(0);
  assert.equal(attempts.length, 1);
  await teller.stop();
});

test('what nobody took in time is given up; what is refused for good holds up nothing behind it', async () => {
  const world = worldOf();
  const { clock, teller, attempts, log } = world;
  world.fault = AWAY;
  await teller.start();
  teller.tell(news('old', clock));
  await clock.advance(3_500_000);
  teller.tell(news('new', clock));
  await clock.advance(300_000);
  assert.equal(teller.health()['phone']?.notices.expired, 1);
  world.fault = new GatewayError('bad_payload', 'x answered with the status 400.');
  await clock.advance(120_000);
  assert.match(attempts.at(-1) ?? '', /new$/);
  assert.deepEqual([teller.health()['phone']?.notices.refused, teller.health()['phone']?.waiting], [1, 0]);
  assert.deepEqual(log.messages('error'), [
    'a webhook refuses a notice for good: x answered with the status 400.',
  ]);
});

test('what waits outlives a restart, with its id; a stop waits for no pause', async () => {
  const world = worldOf();
  world.fault = AWAY;
  await world.teller.start();
  world.teller.tell(news('a', world.clock));
  await world.clock.advance(400_000);
  await world.teller.stop();
  assert.equal(world.clock.waiting, 0);
  const kept = JSON.parse(JSON.stringify(world.kept)) as KeptNotices;
  const next = worldOf({ ...kept, gone: kept['phone'] ?? [] });
  await next.teller.start();
  await next.clock.advance(0);
  assert.deepEqual(next.attempts, ['0 a']);
  assert.equal(kept['phone']?.[0]?.id, '1');
});
