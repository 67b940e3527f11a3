// Somebody at a terminal sees how far long work is; a pipe gets none of it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { test } from 'node:test';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { openStore, sampleOf } from '../../gateway/store/open-store.js';
import { atTerminal, withoutTerminal } from './at-terminal.js';
import { PROGRAM, runToEnd } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const DELETE_LINE = '\r\u001b[K';

test('backup, restore, export and replay say how far they are', { skip: withoutTerminal }, async (t) => {
  const { store, dataDir } = await openStore(t, { clock: new SystemClock() });
  const ts = Date.now();
  await store.outbox.append([0, 1, 2].map((count) => sampleOf(count, { ts: ts + count })));
  await store.outbox.settle([], [{ position: 1, reason: 'refused' }]);
  await store.stop();
  const folder = await temporaryFolder(t);
  const archive = join(folder, 'b.tar.gz');
  for (const [words, said] of [
    [
      ['backup', archive, '--data', dataDir],
      ['copying', 'packing'],
    ],
    [['restore', archive, '--data', join(folder, 'data')], ['reading']],
    [['export', 'tank-1', '--data', dataDir, '--output', join(folder, 'a')], ['exporting']],
    [
      ['export', 'tank-1', '--data', dataDir, '--output', join(folder, 'c'), '--format', 'csv'],
      ['looking for fields', 'exporting'],
    ],
    [['dead-letters', 'replay', '--data', dataDir], ['replaying']],
  ] as const) {
    const terminal = atTerminal(t, [execPath, PROGRAM, ...words].map((word) => `'${word}'`).join(' '));
    assert.equal(await terminal.end(), 0, terminal.shown());
    const shown = terminal.shown();
    for (const what of said) {
      assert.ok(shown.includes(`${DELETE_LINE}${what} 0 %`), `${what}: ${JSON.stringify(shown)}`);
      assert.ok(shown.includes(`${DELETE_LINE}${what} 100 %`), `${what}: ${JSON.stringify(shown)}`);
    }
    // What stays is what was done.
    assert.doesNotMatch(shown.slice(shown.lastIndexOf(DELETE_LINE) + DELETE_LINE.length), /\d %/);
  }
  const piped = await runToEnd(t, ['export', 'tank-1', '--data', dataDir, '--output', join(folder, 'd')]);
  assert.deepEqual([piped.code, piped.output], [0, '3 lines written\n']);
});
