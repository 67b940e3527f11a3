// All alarms together: what they say, what is kept for the next start, and whose they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlarmBoard } from '../../../bridge/alarms/board.js';
import { parseConfig } from '../../../gateway/config/load.js';

const YAML = `
gateway: greenhouse
buses: { main: { path: /dev/i2c-none } }
types:
  tank:
    label: Rain tank
    samples:
      - every: 1s
        read: 3
        fields:
          level: { type: uint8, unit: '%', label: Level, max: 100, alarms: { high: { above: 90, hysteresis: 5 } } }
          flow: { type: uint16be, alarms: { none: { below: 3, message: '{device} of {gateway}: {field} {value}, not {limit} ({severity})' } } }
    alarms:
      away: { offline: true, for: 1m, severity: critical }
devices:
  tank-1: { type: tank, bus: main, address: 0x20 }
  tank-2: { type: tank, bus: main, address: 0x21, label: Second, alarms: { level_high: { above: 80 }, away: false } }
  tank-3: { type: tank, bus: main, address: 0x22, alarms: { level_high: false, flow_none: false, away: false } }
`;
const devices = [...parseConfig(YAML, 'test.yaml').devices.values()];
const START = { ms: 0, ts: 1_795_000_000_000 };
const at = (second: number): { ms: number; ts: number } => ({
  ms: second * 1000,
  ts: START.ts + second * 1000,
});

test('each device has its own, with the sentence of each', () => {
  const board = new AlarmBoard('greenhouse', devices, [], START);
  assert.deepEqual(
    board.messages().map(({ device, alarm }) => `${device}/${alarm}`),
    ['tank-1/level_high', 'tank-1/flow_none', 'tank-1/away', 'tank-2/flow_none', 'tank-2/level_high'],
  );
  const values = { level: 85.30000000000001, flow: 2 };
  assert.deepEqual(
    ['tank-1', 'tank-2', 'tank-3', 'nobody'].flatMap((device) =>
      board.reading(device, values, at(1)).map(({ message }) => message),
    ),
    [
      'tank-1 of greenhouse: flow 2, not 3 (warning)',
      'tank-2 of greenhouse: flow 2, not 3 (warning)',
      'Second: Level is 85.3 %, above 80 %.',
    ],
  );
  assert.deepEqual(board.message('tank-2', 'level_high'), {
    state: 'raised',
    since: at(1).ts,
    severity: 'warning',
    kind: 'above',
    label: 'level_high',
    field: 'level',
    limit: '80 %',
    value: 85.30000000000001,
    message: 'Second: Level is 85.3 %, above 80 %.',
  });
  const [over] = board.reading('tank-2', { level: 70, flow: 2 }, at(9));
  assert.ok(over);
  assert.equal(over.message, 'Second: Level is 70 %, no longer above 80 %.');
  assert.deepEqual([over.what, over.since, over.ts, over.value], ['cleared', at(1).ts, at(9).ts, 70]);
  assert.deepEqual(board.message('tank-2', 'level_high'), {
    ...{ state: 'clear', since: at(9).ts, severity: 'warning', kind: 'above' },
    ...{ label: 'level_high', field: 'level', limit: '80 %' },
  });
});

test('only one thing waits for the time, and that is known beforehand', () => {
  const board = new AlarmBoard('greenhouse', devices, [], START);
  assert.equal(board.dueMs, undefined);
  assert.deepEqual(board.availability('tank-1', 'offline', at(1)), []);
  assert.equal(board.dueMs, 61_000);
  assert.deepEqual(board.tick(at(60)), []);
  assert.deepEqual(
    board.tick(at(61)).map(({ device, alarm, severity, message }) => [device, alarm, severity, message]),
    [['tank-1', 'away', 'critical', 'Rain tank is away.']],
  );
  assert.equal(board.dueMs, undefined);
});

test('an acknowledgement is news once, and goes with the alarm', () => {
  const board = new AlarmBoard('greenhouse', devices, [], START);
  assert.deepEqual(board.acknowledge('tank-1', 'level_high', { by: 'anna', ts: 1 }), {});
  board.reading('tank-1', { level: 95 }, at(1));
  board.reading('tank-1', { level: 99 }, at(2));
  const { news } = board.acknowledge('tank-1', 'level_high', { by: 'anna', ts: at(3).ts, note: 'on it' });
  assert.deepEqual(
    [news?.what, news?.by, news?.note, news?.message],
    ['acknowledged', 'anna', 'on it', 'Rain tank: Level is 95 %, above 90 %.'],
  );
  const again = board.acknowledge('tank-1', 'level_high', { by: 'ben', ts: at(4).ts });
  assert.deepEqual([again.news, again.acknowledged?.by], [undefined, 'anna']);
  assert.equal(board.message('tank-1', 'level_high').acknowledged?.by, 'anna');
  board.reading('tank-1', { level: 50 }, at(5));
  assert.equal(board.message('tank-1', 'level_high').acknowledged, undefined);
  assert.throws(() => board.acknowledge('tank-9', 'x', { by: 'anna', ts: 1 }), /unknown_device|tank-9/);
  assert.throws(
    () => board.acknowledge('tank-1', 'x', { by: 'anna', ts: 1 }),
    /tank-1 has no alarm x; it has: level_high, flow_none, away/,
  );
});

test('what is raised goes on behind a restart without being raised again; what is gone is forgotten', () => {
  const first = new AlarmBoard('greenhouse', devices, [], START);
  first.reading('tank-1', { level: 95, flow: 1 }, at(1));
  first.acknowledge('tank-1', 'level_high', { by: 'anna', ts: at(2).ts });
  const kept = JSON.parse(JSON.stringify(first.kept())) as ReturnType<AlarmBoard['kept']>;
  const gone = { device: 'tank-3', alarm: 'level_high', since: 1, value: 99 };
  const second = new AlarmBoard('greenhouse', devices, [...kept, gone], at(100));
  assert.deepEqual(second.kept(), kept);
  assert.deepEqual(second.reading('tank-1', { level: 96, flow: 1 }, at(101)), []);
  assert.deepEqual(second.message('tank-1', 'level_high'), first.message('tank-1', 'level_high'));
  const changed = second.reading('tank-1', { level: 20, flow: 9 }, at(102));
  assert.deepEqual(
    changed.map(({ alarm, what, since }) => [alarm, what, since]),
    [
      ['level_high', 'cleared', at(1).ts],
      ['flow_none', 'cleared', at(1).ts],
    ],
  );
});

test('a changed configuration: what is the same goes on waiting, what is raised stays so, what has gone is forgotten', () => {
  const board = new AlarmBoard('greenhouse', devices, [], START);
  board.reading('tank-1', { level: 95, flow: 2 }, at(1));
  board.availability('tank-1', 'offline', at(1));
  const changed = parseConfig(
    YAML.replace('below: 3', 'below: 1')
      .replace(/\n {2}tank-3: .*/, '')
      .replace('tank-2:', 'tank-4:'),
    'test.yaml',
  );
  board.follow(changed.devices.values(), at(30));
  assert.deepEqual(
    board.kept().map(({ device, alarm }) => `${device}/${alarm}`),
    ['tank-1/level_high', 'tank-1/flow_none'],
  );
  assert.deepEqual(
    board.reading('tank-1', { level: 95, flow: 2 }, at(31)).map(({ what, alarm }) => `${alarm} ${what}`),
    ['flow_none cleared'],
  );
  assert.throws(() => board.message('tank-2', 'level_high'), { code: 'unknown_device' });
  assert.equal(board.message('tank-4', 'level_high').state, 'clear');
  // A minute since it went, not since the change.
  assert.deepEqual(
    board.tick(at(61)).map(({ what, alarm }) => `${alarm} ${what}`),
    ['away raised'],
  );
});
