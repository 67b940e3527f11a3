// Somebody at the gateway's own machine looks what is wrong, and says that they know of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListedAlarm } from '../../../bridge/alarms/keeper.js';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { untilAsync } from '../../support/waiting.js';

test('alarms are listed, the worst first, acknowledged by name, and completed', async (t) => {
  const { dataDir } = await startGateway(t, {
    change: ({ devices }) => {
      const warm = { field: 'temperature', above: 5, message: 'Warm: \u0007{value}' };
      devices['climate-1'] = { ...devices['climate-1'], alarms: { warm } };
      const dark = { field: 'level', below: 100, severity: 'critical' };
      devices['lamp-1'] = { ...devices['lamp-1'], alarms: { dark, bright: { field: 'level', above: 200 } } };
    },
  });
  const shell = (...words: string[]) => runToEnd(t, [...words, '--data', dataDir]);
  const listed = async (): Promise<readonly ListedAlarm[]> =>
    JSON.parse((await shell('alarms', '--json')).output) as readonly ListedAlarm[];
  await untilAsync('both raised', async () => (await listed()).filter(isRaised).length === 2);

  for (const [words, code, said] of [
    [
      'acknowledge climate-1 warm --by anna --note open',
      0,
      /^climate-1: warm is acknowledged by anna since \d.*Z \(open\)\.\n$/,
    ],
    [
      'acknowledge climate-1 warm --by bert',
      0,
      /^climate-1: warm is acknowledged by anna since .* \(open\)\.\n$/,
    ],
    ['acknowledge lamp-1 dark', 0, /^lamp-1: dark is acknowledged by shell since [^(]*Z\.\n$/],
    ['acknowledge tank-1 away', 1, /^tank-1: away is not raised\.\n$/],
    ['acknowledge lamp-1 drak', 1, /^unknown_alarm: lamp-1 has no alarm drak; it has: .*dark/],
    ['acknowledge lmap-1 dark', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['alarms lmap-1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['names alarms lamp-1', 0, /^(?=.*^dark\t)(?=.*^bright\t)/ms],
    ['names alarms lmap-1', 0, /^$/],
  ] as const) {
    const ended = await shell(...words.split(' '));
    assert.match(ended.output, said, words);
    assert.equal(ended.code, code, words);
  }
  const [first, second, ...others] = await listed();
  assert.deepEqual([first?.alarm, second?.alarm, others.some(isRaised)], ['dark', 'warm', false]);
  assert.equal(second?.acknowledged?.note, 'open');

  const lines = (await shell('alarms')).output.split('\n');
  assert.match(lines[0] ?? '', /^device +alarm +state +since +severity +what$/);
  assert.match(lines[1] ?? '', /^lamp-1 +dark +raised +\S+Z +critical +.* \(shell knows\)$/);
  assert.match(
    lines[2] ?? '',
    /^climate-1 +warm +raised +\S+Z +warning +Warm: \S+[\d.]+ °C \(anna knows: open\)$/,
  );
  assert.match(lines.slice(3).join('\n'), /^lamp-1 +bright +clear +\S+Z +warning +bright$/m);
  assert.ok(!lines.join('\n').includes('\u0007'));
  const ofOne = (await shell('alarms', 'lamp-1')).output;
  assert.ok(ofOne.includes('dark') && !ofOne.includes('warm'), ofOne);
});

function isRaised({ state }: ListedAlarm): boolean {
  return state === 'raised';
}
