// The alarms of a running gateway, on a clock that the test moves: what is said on which topic, and kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeptAlarm } from '../../../bridge/alarms/board.js';
import { AlarmKeeper } from '../../../bridge/alarms/keeper.js';
import { Outlet } from '../../../bridge/messages/outlet.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { Topics } from '../../../shared/topics.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

const YAML = `
gateway: g
buses: { main: { path: /dev/i2c-none } }
types:
  tank:
    samples: [{ every: 1s, read: 1, fields: { level: { type: uint8 } } }]
    alarms: { away: { offline: true, for: 1m }, silent: { stale: 10s, severity: info }, high: { field: level, above: 90 } }
devices: { tank: { type: tank, bus: main, address: 0x20 } }
`;

interface World {
  readonly keeper: AlarmKeeper;
  readonly clock: FakeClock;
  readonly log: RecordingLog;
  readonly saves: (readonly KeptAlarm[])[];
  /** Topic below the gateway's, and payload. */
  readonly said: { topic: string; message: Readonly<Record<string, unknown>>; retain: boolean }[];
}

function worldOf(kept: readonly KeptAlarm[] = []): World {
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  const [saves, said]: [World['saves'], World['said']] = [[], []];
  const outlet = new Outlet(
    {
      publish: ({ topic, payload, retain }) => {
        const message = JSON.parse(new TextDecoder().decode(payload)) as Readonly<Record<string, unknown>>;
        said.push({ topic: topic.replace('iot/g/', ''), message, retain });
        return Promise.resolve();
      },
    },
    log,
  );
  const keeper = new AlarmKeeper({
    ...{ gateway: 'g', topics: new Topics('iot', 'g'), outlet, clock, log },
    devices: parseConfig(YAML, 'test.yaml').devices,
    memory: {
      load: () => Promise.resolve(kept),
      save: (alarms) => {
        saves.push(alarms);
        return Promise.resolve();
      },
    },
    onNews: () => undefined,
  });
  return { keeper, clock, log, saves, said };
}

test('all are said at the start; one timer raises what time alone raises, and none is left at the stop', async () => {
  const { keeper, clock, said, saves, log } = worldOf();
  keeper.reading('tank', { level: 99 });
  assert.equal(said.length, 0, 'nothing is judged before the start');
  await keeper.start();
  assert.deepEqual(
    said.splice(0).map(({ topic, message, retain }) => [topic, message['state'], retain]),
    ['away', 'silent', 'high'].map((id) => [`device/tank/alarm/${id}`, 'clear', true]),
  );
  keeper.availability('tank', 'offline');
  assert.equal(clock.waiting, 1);
  await clock.advance(9_999);
  assert.equal(said.length, 0);
  await clock.advance(60_000);
  assert.deepEqual(
    said.splice(0).map(({ topic, message }) => [topic, message['state'] ?? message['type']]),
    [
      ['device/tank/alarm/silent', 'raised'],
      ['event', 'alarm.raised'],
      ['device/tank/alarm/away', 'raised'],
      ['event', 'alarm.raised'],
    ],
  );
  assert.deepEqual(
    saves.map((alarms) => alarms.map(({ alarm }) => alarm)),
    [['silent'], ['away', 'silent']],
  );
  assert.deepEqual(log.messages('warn'), ['alarm: tank is away.']);
  assert.equal(clock.waiting, 0);
  keeper.availability('tank', 'online');
  keeper.reading('tank', { level: 5 });
  assert.equal(clock.waiting, 1);
  const { total, raised, states } = keeper.health();
  assert.deepEqual([total, raised], [3, 0]);
  assert.deepEqual(states, {
    info: { tank: { silent: false } },
    warning: { tank: { away: false, high: false } },
  });
  await keeper.stop();
  assert.equal(clock.waiting, 0);
});

test('a standstill of the machine makes nothing stale', async () => {
  const { keeper, clock, said } = worldOf();
  await keeper.start();
  await clock.standStill(3_600_000);
  assert.equal(said.filter(({ topic }) => topic === 'event').length, 0);
  await clock.advance(10_000);
  assert.equal(said.filter(({ topic }) => topic === 'event').length, 1);
});

test('who is known by a login is called so, whatever he says; who is not says his name', async () => {
  const { keeper, clock, said } = worldOf([{ device: 'tank', alarm: 'high', since: 1, value: 95 }]);
  await keeper.start();
  const asked = { device: 'tank', alarm: 'high', by: 'ben' };
  const answer = await keeper.acknowledge(asked, { client: 'http', user: 'anna' });
  assert.deepEqual(answer, {
    ...{ device: 'tank', alarm: 'high', isRaised: true, acknowledged: { by: 'anna', ts: clock.now() } },
  });
  await keeper.acknowledge(asked, { client: 'web' });
  assert.equal(said.filter(({ topic }) => topic === 'event').length, 1, 'said once');
  keeper.reading('tank', { level: 5 });
  keeper.reading('tank', { level: 95 });
  const second = await keeper.acknowledge(asked, { client: 'web' });
  assert.equal(second.acknowledged?.by, 'ben');
  await assert.rejects(keeper.acknowledge({ device: 'tank' }), { code: 'bad_payload' });
  const { alarms } = await keeper.list({ device: 'tank' });
  assert.deepEqual(
    alarms.map(({ alarm, state }) => `${alarm} ${state}`),
    ['away clear', 'silent clear', 'high raised'],
  );
});
