import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SparingLogs } from '../../../gateway/logging/sparing-log.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

function setUp() {
  const clock = new FakeClock();
  const written = new RecordingLog();
  return { clock, written, logs: new SparingLogs(written, clock) };
}

test('of ten thousand lines fifty are written, and the number of the others is said', async () => {
  const { clock, written, logs } = setUp();
  const log = logs.of('commands');
  for (let line = 0; line < 10_000; line += 1) log.warn({}, 'refused');
  assert.equal(written.lines.length, 50);
  await clock.advance(10_000);
  assert.equal(written.lines.length, 51);
  assert.deepEqual(written.lines.at(-1), {
    level: 'warn',
    fields: { part: 'commands', leftOut: 9950 },
    message: '9950 more lines like those before were left out',
  });
  assert.equal(logs.leftOutLines, 9950);
  assert.equal(clock.waiting, 0);
});

test('a flood that goes on is one line a second, and its number every ten', async () => {
  const { clock, written, logs } = setUp();
  const log = logs.of('commands').child({ device: 'lamp' });
  for (let tenth = 0; tenth < 1000; tenth += 1) {
    log.info({}, 'refused');
    await clock.advance(100);
  }
  await clock.advance(10_000);
  assert.ok(written.saying('refused').length <= 50 + 100);
  assert.ok(written.saying('left out').length >= 5);
  assert.equal(written.saying('refused').length + logs.leftOutLines, 1000);
});

test('a flood in one part hides neither another part nor an error', () => {
  const { written, logs } = setUp();
  const flooded = logs.of('broker');
  for (let line = 0; line < 1000; line += 1) flooded.info({}, 'refused a connection');
  flooded.error({}, 'the broker had an error');
  logs.of('recorder').warn({}, 'no sample');
  assert.equal(written.saying('had an error').length, 1);
  assert.equal(written.saying('no sample').length, 1);
});
