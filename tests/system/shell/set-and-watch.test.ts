// Somebody at the gateway's own machine sends commands and looks at live values, without MQTT.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { env, execPath } from 'node:process';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { PROGRAM, runProgram, runToEnd, startGateway } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';
import { isInstalled } from './is-installed.js';

const run = promisify(execFile);

const withoutScript = isInstalled('script')
  ? false
  : 'script (bsdutils) IS NOT INSTALLED. The table on a terminal was not tested.';

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
    ['set lamp-1 dmi 1', 1, /^unknown_command: .*Did you mean dim\?/],
    ['set lmap-1 dim 1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['watch lmap-1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['trace lmap-1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['read lmap-1 1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['history lmap-1', 1, /^unknown_device: Nothing was ever recorded of lmap-1\. Did you mean lamp-1\?/],
    ['export lmap-1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['logbook lmap-1', 1, /^unknown_device: .*Did you mean lamp-1\?/],
    ['history lamp-1 --from 2020-01-01 --to 2020-01-02', 0, /^Nothing is recorded of lamp-1 in this range/],
    ['logbook lamp-1 --commands', 0, /dim \{"level":128\} +done +by client shell/],
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
  await t.test('on a terminal it is drawn over', { skip: withoutScript }, () => onATerminal(t, dataDir));
});

void test('without a gateway set says that none runs', async (t) => {
  const { code, output } = await runToEnd(t, ['set', 'a', 'b', '--data', await temporaryFolder(t)]);
  assert.equal(code, 1);
  assert.match(output, /^closed: No gateway runs on the data folder .*--data/);
});

async function onATerminal(t: TestContext, dataDir: string): Promise<void> {
  const shown = async (more: Record<string, string>): Promise<string> => {
    const command = `'${execPath}' '${PROGRAM}' watch lamp-1 --data '${dataDir}'`;
    const { NO_COLOR: _, ...inherited } = env;
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...inherited, ...more },
    });
    t.after(() => child.kill('SIGKILL'));
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    // Three lines up, and over what is there.
    await until('the second drawing', () => text.includes('\u001b[3A\r\u001b[J'));
    const closed = once(child, 'close');
    child.stdin.write('\u0003');
    await closed;
    return text;
  };
  assert.ok((await shown({})).includes('\u001b[32monline\u001b[0m'));
  const plain = await shown({ NO_COLOR: '1' });
  assert.ok(plain.includes('online') && !plain.includes('\u001b[32m'));
}
