// Times as people and programs give them: in which unit, in which zone, and which there are not.
import assert from 'node:assert/strict';
import { env } from 'node:process';
import { test, type TestContext } from 'node:test';
import { parseMoment } from '../../shared/moment.js';

const NOW = Date.UTC(2026, 10, 27, 10);

function ts(given: number | string, now = NOW): number {
  const moment = parseMoment(given, now);
  assert.ok('ts' in moment, JSON.stringify(moment));
  return moment.ts;
}

function wrong(given: number | string, now = NOW): string {
  const moment = parseMoment(given, now);
  assert.ok('wrong' in moment, `${String(given)} is taken for ${JSON.stringify(moment)}`);
  return moment.wrong;
}

function inZone(t: TestContext, zone: string): void {
  const before = env['TZ'];
  env['TZ'] = zone;
  t.after(() => {
    if (before === undefined) Reflect.deleteProperty(env, 'TZ');
    else env['TZ'] = before;
  });
}

void test('epoch milliseconds and ISO 8601 are the same moment', () => {
  const expected = Date.UTC(2026, 10, 22, 23, 14, 5);
  for (const given of [
    expected,
    String(expected),
    '2026-11-22T23:14:05Z',
    '2026-11-22 23:14:05z',
    '2026-11-22T23:14:05.000Z',
    '2026-11-23T00:14:05+01:00',
    '2026-11-22T18:14:05-0500',
    '2026-11-23T00:14:05+01',
  ])
    assert.equal(ts(given), expected, String(given));
  assert.equal(ts('2026-11-22T23:14:05,5Z'), expected + 500);
  assert.equal(ts('2026-11-22T23:14:05.123456Z'), expected + 123);
  for (const all of [0, '0', 8.64e15]) assert.equal(ts(all), Number(all));
});

void test('another unit is named, with what to do', () => {
  assert.match(wrong(1_767_000_000), /^1767000000 looks like seconds: multiply by 1000/);
  assert.match(wrong(1_767_000_000.5), /looks like seconds/);
  assert.match(wrong('1767000000'), /looks like seconds/);
  assert.match(wrong(1_767_000_000_000_000), /looks like microseconds: divide by 1000/);
  assert.match(wrong('1767000000000000000'), /looks like nanoseconds/);
  assert.match(wrong(9e15), /beyond all dates/);
  // A clock that was never set counts from 1970, and agrees with itself.
  assert.equal(ts(1_767_000_000, 1_767_000_500), 1_767_000_000);
});

void test('what is no date in ISO 8601 is refused, and so are days that there are not', () => {
  for (const given of [
    ...['10/11/2026', '22.11.2026', '2026', '20261122', '20261122231405', '2026-11', 'yesterday', 'now', ''],
    ...['2026-11-22T', '2026-11-22T23', '-1', '2026-11-22T23:14:05 UTC', 'Sun Nov 22 2026', '1e12'],
  ])
    assert.match(wrong(given), /^it is a time such as/, given);
  for (const given of ['2026-02-30', '2026-02-29', '2026-13-01', '2026-00-10', '2026-04-31T10:00Z'])
    assert.match(wrong(given), /^there is no day /, given);
  assert.match(wrong('2026-11-22T24:00Z'), /^there is no time /);
  assert.match(wrong('2026-11-22T23:60'), /^there is no time /);
  assert.match(wrong('2026-11-22T23:00+15:00'), /^there is no time zone \+15:00/);
  assert.ok(ts('2028-02-29') > 0);
});

void test('without a zone it is local time, also on the days of 25 and of 23 hours', (t) => {
  inZone(t, 'Europe/Berlin');
  const hours = (day: string, next: string): number => (ts(next) - ts(day)) / 3_600_000;
  assert.equal(ts('2026-11-22'), Date.UTC(2026, 10, 21, 23));
  assert.equal(ts('2026-11-22T00:00'), ts('2026-11-22'));
  assert.equal(ts('2026-07-01T12:30:15'), Date.UTC(2026, 6, 1, 10, 30, 15));
  assert.equal(hours('2026-10-25', '2026-10-26'), 25);
  assert.equal(hours('2026-03-29', '2026-03-30'), 23);
  assert.equal(hours('2026-11-22', '2026-11-23'), 24);
  // The hour that comes twice is the first of them; the one that there is not is that behind the jump.
  assert.equal(ts('2026-10-25T02:30'), Date.UTC(2026, 9, 25, 0, 30));
  assert.equal(ts('2026-03-29T02:30'), Date.UTC(2026, 2, 29, 1, 30));
  env['TZ'] = 'America/New_York';
  assert.equal(ts('2026-11-22'), Date.UTC(2026, 10, 22, 5));
});
