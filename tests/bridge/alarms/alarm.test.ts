// When an alarm is raised and when it is over: one row a story, in simulated time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Alarm, type Change } from '../../../bridge/alarms/alarm.js';
import { checkConfig } from '../../../shared/config/check.js';
import type { AlarmSpec } from '../../../shared/alarms/spec.js';
import type { Value } from '../../../shared/sample.js';

function specOf(alarm: object): AlarmSpec {
  const device =
    'offline' in alarm ? { alarms: { it: alarm } } : { alarms: { it: { field: 'v', ...alarm } } };
  const fields = { v: { type: 'int16be' }, wet: { type: 'bool' } };
  const checked = checkConfig({
    gateway: 'test',
    buses: { main: { path: '/dev/i2c-none' } },
    types: { it: { samples: [{ every: '1s', read: 3, fields }] } },
    devices: { it: { type: 'it', bus: 'main', address: 0x20, ...device } },
  });
  assert.ok(checked.ok, JSON.stringify(checked));
  const [spec] = checked.config.devices.get('it')?.alarms ?? [];
  assert.ok(spec);
  return spec;
}

const HIGH = { above: 90, hysteresis: 5 };
const FOR = { ...HIGH, for: '10s' };

/**
 * Of each step the second, what happens then (a value is read, JSON; a sample without the field, `other`; a state; a pause; or
 * nothing but time), and what comes of it.
 */
const STORIES: Readonly<Record<string, readonly [alarm: object, steps: string]>> = {
  'above, and over behind the hysteresis alone': [
    HIGH,
    '0 90, 1 91 raised, 2 99, 3 86, 4 85 cleared, 5 91 raised',
  ],
  below: [{ below: 10, hysteresis: 2 }, '0 10, 1 9 raised, 2 11, 3 12 cleared'],
  'outside, on either side': [
    { outside: [10, 20], hysteresis: 1 },
    '0 9 raised, 1 10, 2 11 cleared, 3 21 raised, 4 20, 5 19 cleared',
  ],
  is: [{ field: 'wet', is: true }, '0 false, 1 true raised, 2 true, 3 false cleared'],
  'is one of several': [{ is: [3, 4] }, '0 2, 1 4 raised, 2 3, 3 5 cleared'],
  'for: it has to be so all the time': [FOR, '0 95, 9 95, 10 95 raised'],
  'for: what is well in between begins anew': [FOR, '0 95, 5 80, 6 95, 15 95, 16 95 raised'],
  'for: so does what is within the hysteresis': [FOR, '0 95, 5 88, 6 95, 15 95, 16 95 raised'],
  'for: time alone proves nothing of a value': [FOR, '0 95, 60 time, 61 95 raised'],
  'null neither raises nor ends': [HIGH, '0 null, 1 95 raised, 2 null, 3 null, 4 80 cleared'],
  'null within for is no proof': [FOR, '0 95, 10 null, 20 null, 21 80, 22 95, 31 null, 33 95 raised'],
  'a sample without the field says nothing': [HIGH, '0 95 raised, 1 other, 2 80 cleared'],
  'an absence begins for anew, and ends no alarm': [
    FOR,
    '0 95, 5 offline, 50 online, 51 95, 60 95, 61 95 raised, 62 offline, 99 online',
  ],
  'a rise within a time': [{ rate: '+5/10s' }, '0 10, 5 15, 9 16 raised, 12 16 cleared, 40 60, 41 66 raised'],
  'a fall is no rise': [{ rate: '+5/10s' }, '0 60, 1 10, 2 15, 3 16 raised'],
  'a fall': [{ rate: '-5/10s' }, '0 10, 1 60, 2 54 raised'],
  'either way, slowly is none': [{ rate: '5/10s' }, '0 10, 9 15, 18 20, 27 25, 30 19 raised'],
  'a rate with hysteresis': [{ rate: '5/10s', hysteresis: 3 }, '0 0, 1 6 raised, 5 4, 12 4 cleared'],
  'stale, by time alone': [{ stale: '30s' }, '0 1, 29 time, 30 time raised, 40 time, 41 null, 42 1 cleared'],
  'stale: what is not believed is no reading': [{ stale: '30s' }, '0 1, 10 null, 20 null, 30 time raised'],
  'stale: from the start on': [{ stale: '30s' }, '29 time, 30 time raised'],
  offline: [{ offline: true }, '0 online, 5 offline raised, 6 offline, 9 online cleared'],
  'offline for a time': [
    { offline: true, for: '1m' },
    '0 offline, 30 online, 31 offline, 90 time, 91 time raised, 95 online cleared',
  ],
  'a pause: nothing is judged, and waits begin anew': [
    { stale: '30s' },
    '0 1, 10 pause, 100 time, 110 resume, 139 time, 140 time raised',
  ],
  'a pause of one that is away': [
    { offline: true, for: '10s' },
    '0 offline, 5 pause, 60 time, 61 resume, 70 time, 71 time raised',
  ],
  'a pause ends no alarm': [HIGH, '0 95 raised, 1 pause, 2 80, 3 resume, 4 80 cleared'],
};

for (const [title, [described, steps]] of Object.entries(STORIES)) {
  test(title, () => {
    const spec = specOf(described);
    const alarm = new Alarm(spec, { ms: 0, ts: 1_000_000 });
    let state: 'offline' | 'online' = 'online';
    const hear = (what: string, at: { readonly ms: number; readonly ts: number }): Change => {
      switch (what) {
        case 'time':
          return alarm.tick(at);
        case 'other':
          return alarm.reading({ another: 1 }, at);
        case 'pause':
        case 'resume':
          return alarm.pause(what === 'pause', state, at);
        case 'online':
        case 'offline':
          state = what;
          return alarm.availability(what, at);
        default: {
          const field = ('field' in spec.condition ? spec.condition.field : undefined) ?? 'v';
          return alarm.reading({ [field]: JSON.parse(what) as Value }, at);
        }
      }
    };
    for (const step of steps.split(', ')) {
      const [second = '', what = '', expected] = step.split(' ');
      const at = { ms: Number(second) * 1000, ts: 1_000_000 + Number(second) * 1000 };
      assert.equal(hear(what, at), expected, `at ${second} s`);
      if (expected === 'raised') assert.equal(alarm.raised?.since, at.ts);
    }
  });
}

test('what was raised before a restart stays so, with who acknowledged it, and ends as ever', () => {
  const acknowledged = { by: 'anna', ts: 5 };
  const alarm = new Alarm(specOf(HIGH), { ms: 0, ts: 1000 }, { since: 1, value: 95, acknowledged });
  assert.equal(alarm.reading({ v: 95 }, { ms: 1, ts: 1001 }), undefined);
  assert.deepEqual(alarm.raised, { since: 1, value: 95, acknowledged });
  assert.deepEqual(alarm.acknowledge({ by: 'ben', ts: 6 }), acknowledged);
  assert.equal(alarm.reading({ v: 80 }, { ms: 2, ts: 1002 }), 'cleared');
  assert.equal(alarm.acknowledge({ by: 'ben', ts: 6 }), undefined);
  assert.equal(alarm.reading({ v: 95 }, { ms: 3, ts: 1003 }), 'raised');
  assert.deepEqual(alarm.raised, { since: 1003, value: 95 });
});

test('a rate looks at a window of bounded size, however often it is read', () => {
  const alarm = new Alarm(specOf({ rate: '+50/1h' }), { ms: 0, ts: 0 });
  let changes = 0;
  // Two hours of a slow rise, 100 readings a second: 40 within any hour.
  for (let ms = 0; ms < 7_200_000; ms += 10)
    if (alarm.reading({ v: ms / 90_000 }, { ms, ts: ms }) !== undefined) changes += 1;
  assert.equal(changes, 0);
  assert.equal(alarm.reading({ v: 95 }, { ms: 7_200_000, ts: 7_200_000 }), 'raised');
});
