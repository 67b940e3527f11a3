// How far it is: percent, rate and time left on a terminal, and not a byte elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from '../../../gateway/process/progress.js';

function watched(isTTY: boolean) {
  const lines: string[] = [];
  const time = { nowMs: 5000 };
  const output = { write: (text: string) => lines.push(text) > 0, isTTY };
  return { lines, time, progress: new Progress(output, () => time.nowMs) };
}

const text = (line: string | undefined): string | undefined => line?.replace('\r\u001b[K', '');

test('it says how far, how fast and how long still, a few times a second', () => {
  const { lines, time, progress } = watched(true);
  progress.begin('packing', 40_000_000);
  for (let step = 0; step < 30; step += 1) {
    time.nowMs += 100;
    progress.add(1_000_000);
  }
  progress.end();
  assert.deepEqual(lines.slice(0, 2).map(text), ['packing 0 %', 'packing 7 %']);
  assert.ok(lines.map(text).includes('packing 30 %, 10.0 MB/s, 3 s left'), lines.map(text).join('\n'));
  assert.ok(lines.length < 15, String(lines.length));
  assert.equal(text(lines.at(-1)), '', 'the line is gone again');
});

test('a way that is measured by time is counted in samples', () => {
  const { lines, time, progress } = watched(true);
  progress.begin('exporting', 86_400_000, 'samples');
  time.nowMs += 2000;
  progress.reach(864_000, 5000);
  assert.equal(text(lines.at(-1)), 'exporting 1 %, 2500 samples/s, 4 min left');
});

test('elsewhere nothing is written', () => {
  const { lines, time, progress } = watched(false);
  progress.begin('packing', 10);
  time.nowMs += 5000;
  progress.add(5);
  progress.step('x');
  progress.end();
  assert.deepEqual(lines, []);
});
