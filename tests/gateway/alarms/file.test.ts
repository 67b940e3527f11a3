// What is raised outlives the process: a real file, written whole, not too often, and never a reason to stop.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AlarmFile } from '../../../gateway/alarms/file.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const RAISED = { device: 'tank-1', alarm: 'high', since: 1, value: 95, acknowledged: { by: 'anna', ts: 2 } };

test('what was saved is there again, and the newest of a second at the most one write later', async (t) => {
  const [folder, clock, log] = [await temporaryFolder(t), new FakeClock(), new RecordingLog()];
  const file = new AlarmFile(folder, clock, log);
  assert.deepEqual(await file.raised.load(), []);
  await file.raised.save([RAISED]);
  assert.deepEqual(await new AlarmFile(folder, clock, log).raised.load(), [RAISED]);
  // A value that swings: one timer, and only the last of them is written.
  const saved = Array.from({ length: 50 }, (_, since) => file.raised.save([{ ...RAISED, since }]));
  assert.equal(clock.waiting, 1);
  assert.match(await readFile(join(folder, 'alarms.json'), 'utf8'), /"since":1,/);
  await clock.advance(1000);
  await Promise.all(saved);
  assert.deepEqual(await new AlarmFile(folder, clock, log).raised.load(), [{ ...RAISED, since: 49 }]);
  assert.deepEqual(log.lines, []);
});

test('a file that is damaged, or cannot be written, is said once, and alarms go on', async (t) => {
  const [folder, clock, log] = [await temporaryFolder(t), new FakeClock(), new RecordingLog()];
  await writeFile(join(folder, 'alarms.json'), '{"alarms":[{"device":7}]}');
  assert.deepEqual(await new AlarmFile(folder, clock, log).raised.load(), []);
  await writeFile(join(folder, 'alarms.json'), '{"alarms":');
  assert.deepEqual(await new AlarmFile(folder, clock, log).raised.load(), []);
  assert.deepEqual(
    log.lines.map(({ message }) => message),
    [
      'which alarms were raised is not known: the file is damaged',
      'which alarms were raised is not known: the file cannot be read',
    ],
  );
  // A folder lies where the new file would be.
  await mkdir(join(folder, 'alarms.json.new'));
  const file = new AlarmFile(folder, clock, log);
  await file.raised.save([RAISED]);
  const again = file.raised.save([RAISED]);
  await clock.advance(1000);
  await again;
  assert.equal(log.lines.filter(({ message }) => message.includes('cannot be written down')).length, 1);
});

test('whoever saves waits for his own write, not for those that come while it is written', async (t) => {
  const [folder, clock] = [await temporaryFolder(t), new FakeClock()];
  const file = new AlarmFile(folder, clock, new RecordingLog());
  const first = file.raised.save([RAISED]).then(() => file.raised.save([{ ...RAISED, since: 2 }]));
  // One saves again and again, faster than it is written.
  const over = new AbortController();
  const swinging = (async () => {
    for (let since = 3; !over.signal.aborted; since += 1) {
      void file.raised.save([{ ...RAISED, since }]);
      await clock.advance(500);
    }
  })();
  await first;
  over.abort();
  await swinging;
  await clock.advance(2000);
});
