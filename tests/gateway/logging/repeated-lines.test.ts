// One line for what comes again and again, and then its number: never silent, never a line each time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RepeatedLines } from '../../../gateway/logging/repeated-lines.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

function setUp(): { clock: FakeClock; log: RecordingLog; lines: RepeatedLines } {
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  return { clock, log, lines: new RepeatedLines(log, clock) };
}

test('a client that is refused every ten seconds makes some thirty lines a day, which count every refusal', async () => {
  const { clock, log, lines } = setUp();
  const times = DAY_MS / 10_000;
  for (let time = 0; time < times; time += 1) {
    lines.say('warn', '10.0.0.5', { client: `c${String(time)}` }, 'refused a login: wrong');
    await clock.advance(10_000);
  }
  assert.ok(log.lines.length > 10 && log.lines.length < 40, String(log.lines.length));
  lines.close();
  const again = log.lines.map(({ fields }) => Number(fields['again'] ?? 1));
  assert.equal(
    again.reduce((sum, count) => sum + count, 0),
    times,
  );
  assert.deepEqual(log.lines.slice(0, 2), [
    { level: 'warn', fields: { client: 'c0' }, message: 'refused a login: wrong' },
    {
      level: 'warn',
      fields: { client: 'c5', again: 5 },
      message: 'refused a login: wrong (5 more times since)',
    },
  ]);
  assert.equal(clock.waiting, 0);
});

test('another address and another cause have lines of their own', () => {
  const { log, lines } = setUp();
  for (const who of ['a', 'b', 'a'])
    for (const cause of ['one', 'other', 'one']) lines.say('info', who, {}, `refused: ${cause}`, cause);
  assert.deepEqual(log.messages('info'), [
    'refused: one',
    'refused: other',
    'refused: one',
    'refused: other',
  ]);
});

test('after a calm pause it is news again', async () => {
  const { clock, log, lines } = setUp();
  lines.say('info', 'a', {}, 'refused');
  await clock.advance(MINUTE_MS);
  lines.say('info', 'a', {}, 'refused');
  lines.say('info', 'a', {}, 'refused');
  await clock.advance(MINUTE_MS);
  assert.deepEqual(log.messages('info'), ['refused', 'refused', 'refused (once more since)']);
  await clock.advance(10 * MINUTE_MS);
  assert.deepEqual([log.lines.length, clock.waiting], [3, 0]);
});

test('of more than two hundred at once the others are written each time, and none is kept', async () => {
  const { clock, log, lines } = setUp();
  for (let round = 0; round < 2; round += 1)
    for (let who = 0; who < 1000; who += 1) lines.say('info', String(who), {}, 'refused');
  assert.equal(log.lines.length, 1000 + 800);
  assert.equal(clock.waiting, 200);
  await clock.advance(MINUTE_MS);
  assert.equal(log.saying('once more').length, 200);
});

test('what was counted is said at the end, and nothing waits behind it', () => {
  const { clock, log, lines } = setUp();
  for (let time = 0; time < 3; time += 1) lines.say('info', 'a', {}, 'refused');
  lines.close();
  assert.deepEqual(log.messages('info'), ['refused', 'refused (2 more times since)']);
  lines.say('info', 'a', {}, 'refused');
  lines.say('info', 'a', {}, 'refused');
  assert.deepEqual([log.lines.length, clock.waiting], [4, 0]);
  lines.open();
  lines.say('info', 'a', {}, 'refused');
  lines.say('info', 'a', {}, 'refused');
  assert.deepEqual([log.lines.length, clock.waiting], [5, 1]);
  lines.close();
});
