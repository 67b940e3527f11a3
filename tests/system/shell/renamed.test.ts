// A device got another id: what was recorded of it under the first one is found under the new, in a shell as well, and where no
// gateway runs any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogbookEntry } from '../../../shared/logbook.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { runToEnd, startGateway, type ExampleConfig } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { untilAsync } from '../../support/waiting.js';

function rename(config: ExampleConfig): void {
  config.devices['rain-1'] = { ...config.devices['tank-2'], was: 'tank-2' };
  delete config.devices['tank-2'];
}

test('history, export and logbook in a shell have both ids of a device that was renamed', async (t) => {
  const dataDir = await temporaryFolder(t);
  /** Of which devices a command tells; its lines are JSON. */
  const devicesIn = async (...words: readonly string[]): Promise<readonly string[]> => {
    const { output } = await runToEnd(t, [...words, '--data', dataDir]);
    const lines = output.split('\n').filter((line) => line.startsWith('{'));
    return [
      ...new Set(lines.map((line) => (JSON.parse(line) as RecordedSample | LogbookEntry).device ?? '')),
    ].sort();
  };
  const first = await startGateway(t, { dataDir });
  const set = await runToEnd(t, ['set', 'tank-2', 'pump', '0', '--data', dataDir]);
  assert.equal(set.code, 0, set.output);
  await untilAsync('a sample', async () => (await devicesIn('history', 'tank-2', '--json')).length > 0);
  assert.equal(await first.end('SIGTERM'), 0);

  const second = await startGateway(t, { dataDir, change: rename });
  const both = ['rain-1', 'tank-2'];
  const hasBoth = async (...words: readonly string[]): Promise<boolean> =>
    (await devicesIn(...words)).join() === both.join();
  await untilAsync('a sample under the new id', () => hasBoth('history', 'rain-1', '--json'));
  assert.deepEqual(await devicesIn('logbook', 'rain-1', '--json'), both);
  const asked = await fetch(`${second.pageUrl}api/request/logbook`, {
    method: 'POST',
    body: JSON.stringify({ device: 'rain-1', kind: 'command' }),
  });
  const { entries } = ((await asked.json()) as { data: { entries: readonly LogbookEntry[] } }).data;
  assert.deepEqual([...new Set(entries.map(({ device }) => device))], ['tank-2']);
  assert.equal(await second.end('SIGTERM'), 0);
  assert.deepEqual(await devicesIn('export', 'rain-1'), both);
  assert.deepEqual(await devicesIn('history', 'tank-1', '--json'), ['tank-1']);
});
