// Somebody at the gateway's own machine sends commands and looks at live values, without MQTT.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { atTerminal, withoutTerminal } from './at-terminal.js';
import { PROGRAM, runProgram, runToEnd, startGateway } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const run = promisify(execFile);

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

void test('set sends a command and says how it ended, and watch shows what came of it', async (t) => {
  const { dataDir } = await startGateway(t);
  const shell = (...args: string[]) => runToEnd(t, [...args, '--data', dataDir]);
  for (const [words, code, said] of [
    ['set lamp-1 dim 128', 0, /^lamp-1: dim is done \(level 128\), after [\d.]+ ms\.\n$/],
    ['set climate-1 fan running=on', 0, /^climate-1: fan is done \(running true\)/],
    ['set tank-1 pump 30 --for 5s --id q1', 0, /pump is done \(speed 30 %\)/],
    ['set tank-1 pump 30 --for 5s --id q1', 0, /pump was done \(speed 30 %\), .* it is not run again/],
    ['set lamp-1 dim -5', 1, /^lamp-1: dim was not run\. bad_argument: level must be from 0 to 255/],
    ['set lamp-1 dim abc', 1, /^bad_argument: level is a number, not "abc"/],
    ['set lamp-1 dim 1,5', 1, /^bad_argument: level is a number: write 1\.5, not "1,5"/],
    ['set lamp-1 dmi 1', 1, /^unknown_command: .*Did you mean dim\?/],
    ['set lmap-1 dim 1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['watch lmap-1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['trace lmap-1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['read lmap-1 1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['history lmap-1', 1, /^unknown_device: Nothing was ever recorded of lmap-1\. Did you mean lamp-1\?/],
    ['export lmap-1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['logbook lmap-1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['history lamp-1 --from 2020-01-01 --to 2020-01-02', 0, /^Nothing is recorded of lamp-1 in this range/],
    ['logbook lamp-1 --commands', 0, /dim \{"level":128\} +done, by client shell/],
  ] as const) {
    const ended = await shell(...words.split(' '));
    assert.match(ended.output, said);
    assert.equal(ended.code, code, words);
  }
  const json = await shell('set', 'lamp-1', 'dim', '40', '--json');
  assert.equal((JSON.parse(json.output) as { status: string }).status, 'done');

  // A line a reading where there is no terminal, until it is ended.
  const watching = runProgram(t, ['watch', 'lamp-1', '--json', '--data', dataDir]);
  await until('two readings', () => watching.output().split('\n').length > 2);
  const [first = ''] = watching.output().split('\n');
  const { device, state } = JSON.parse(first) as { device: string; state: { values: object } };
  assert.deepEqual([device, Object.keys(state.values)], ['lamp-1', ['level', 'light']]);
  watching.child.kill('SIGINT');

  // Behind `| head -1` it ends by itself.
  const pipe = `"$0" "$1" watch --data "$2" | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout: headed } = await run('bash', ['-c', pipe, execPath, PROGRAM, dataDir]);
  assert.match(headed, / tank-1 {2}online .*\n0\n$/);

  const table = (await shell('watch', '--once')).output;
  assert.match(table, /^device {5}on the bus {2}read at {3}field {8}value\n/);
  assert.match(table, /\nlamp-1 {5}online {6}\d\d:\d\d:\d\d {2}level {8}\d+\n {33}light {8}\d+ lx\n$/);
  await t.test('on a terminal it is drawn over', { skip: withoutTerminal }, () => onATerminal(t, dataDir));
});

void test('without a gateway set says that none runs', async (t) => {
  const { code, output } = await runToEnd(t, ['set', 'a', 'b', '--data', await temporaryFolder(t)]);
  assert.equal(code, 1);
  assert.match(output, /^closed: No gateway runs on the data folder .*--data/);
});

/** Drawn over, in the size that the terminal has by then; and at Ctrl-C the terminal is as it was. */
async function onATerminal(t: TestContext, dataDir: string): Promise<void> {
  const folder = await temporaryFolder(t);
  const go = join(folder, 'go');
  const resized = `(until [ -e '${go}' ]; do sleep 0.1; done; stty rows 6 cols 40 </dev/tty) &`;
  const words = `'${execPath}' '${PROGRAM}' watch --data '${dataDir}'`;
  const terminal = atTerminal(t, `stty rows 30 cols 100; ${resized} exec ${words}`);
  // As many lines up as the table has, and over what is there.
  await until('the second drawing', () => terminal.shown().includes('A\r\u001b[J'));
  const whole = terminal.shown();
  assert.ok(whole.startsWith(HIDE_CURSOR) && !whole.includes(SHOW_CURSOR));
  assert.ok(whole.includes('\u001b[32monline\u001b[0m') && !whole.includes('more lines'));
  await writeFile(go, '');
  await until('the smaller one', () => /… \d+ more lines; name a device/.test(terminal.shown()));
  // Not only once more, but over and over.
  await until('five lines up', () => terminal.shown().includes('\u001b[5A\r\u001b[J'));
  terminal.type('\u0003');
  assert.equal(await terminal.end(), 130);
  assert.ok(terminal.shown().endsWith(SHOW_CURSOR), JSON.stringify(terminal.shown().slice(-80)));

  const plain = atTerminal(t, `${words} --once`, { NO_COLOR: '1' });
  assert.equal(await plain.end(), 0);
  assert.ok(plain.shown().includes('online') && !plain.shown().includes('\u001b['));
}
