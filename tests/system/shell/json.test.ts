// A program reads what the commands say: with --json one document on standard output, nothing else there, also of errors.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { test } from 'node:test';
import { ERROR_CODES } from '../../../shared/errors.js';
import { exampleFile, PROGRAM, startGateway } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { untilAsync } from '../../support/waiting.js';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function ended(words: readonly string[], cwd: string, input = ''): Promise<Ended> {
  const child = spawn(execPath, [PROGRAM, ...words, '--json'], { cwd, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

/** What is typed, the keys of its answer, and what is piped in. In this order. */
const ANSWERED: readonly (readonly [line: string, keys: string, input?: string])[] = [
  ['check', 'file sound gateway devices buses warnings'],
  ['init first.yaml', 'file sound gateway devices buses warnings told next'],
  ['passwd alice --config CONFIG', 'user file done', 'secret\n'],
  ['user alice --role viewer --config CONFIG', 'user role file lines'],
  ['token alice --config CONFIG', 'user id token file'],
  ['token alice --list --config CONFIG', '[id made]'],
  ['doctor --simulate --config CONFIG --data DATA', '[check state found]'],
  ['user alice --delete --config CONFIG', 'user takenOutOf'],
  ['service print --config CONFIG', 'action unit'],
  ['service remove --dry-run', 'action said'],
  ['types', '[name label]'],
  ['types pcf8574', 'label samples commands'],
  ['names devices --data DATA', '[name label]'],
  ['set lamp-1 dim 5 --data DATA', 'id status data ts ms'],
  ['watch lamp-1 --once --data DATA', 'device availability state'],
  ['alarms tank-1 --data DATA', '[device alarm state since severity kind label field limit]'],
  ['scan --data DATA', 'bus path probe found missing claimed failed'],
  ['trace lamp-1 --data DATA', 'devices'],
  ['read lamp-1 1 --write 20 --data DATA', 'bus address device write read ms'],
  [
    'backup b.tar.gz --data DATA --config CONFIG',
    'archive bytes format version program gateway config made files schema leftOut',
  ],
  ['restore b.tar.gz --check', 'archive sound format version program made gateway config schema files'],
  ['restore b.tar.gz --data other --config other.yaml', 'archive made restored kept toMove'],
];

const REFUSED = [
  ['check --config none.yaml', 'config_unreadable', /it is not there/],
  ['history lamp-1 --limit many', 'bad_argument', /whole number/],
  ['history lamp-1 --format xml', 'bad_argument', /--format cannot be 'xml'; there are: table, csv, jsonl/],
  ['set lmap-1 dim 1 --data DATA', 'unknown_device', /Did you mean lamp-1/],
  ['set lamp-1 dim 1 --data none', 'closed', /No gateway runs/],
  ['watch --data none', 'closed', /No gateway runs/],
  ['restore none.tar.gz', 'bad_argument', /it is not there/],
  ['user bob --delete --config CONFIG', 'bad_argument', /Nobody is called bob/],
  ['passwd bob --delete --config CONFIG', 'bad_argument', /Nobody is called bob/],
  ['strat', 'bad_argument', /Did you mean start/],
  ['export lamp-1', 'bad_argument', /--output/],
  ['service install --config none.yaml', 'config_unreadable', /none\.yaml/],
] as const;

test('every command that prints answers in JSON, and so does its error', async (t) => {
  const cwd = await temporaryFolder(t);
  const change = (config: Record<string, unknown>): void => {
    config['users'] = { password_file: 'passwords', acl_file: 'acl', token_file: 'tokens' };
  };
  const config = await exampleFile(t, change);
  const { dataDir } = await startGateway(t);
  const keysOf = async (line: string, input = ''): Promise<string> => {
    const words = line.replace('CONFIG', config).replace('DATA', dataDir).split(' ');
    const { code, stdout, stderr } = await ended(words, cwd, input);
    assert.equal(code, 0, `${line}: ${stdout}${stderr}`);
    const answer = JSON.parse(stdout) as object;
    return Array.isArray(answer)
      ? `[${Object.keys((answer as object[])[0] ?? {}).join(' ')}]`
      : Object.keys(answer).join(' ');
  };
  for (const [line, keys, input] of ANSWERED) {
    const found = await keysOf(line, input);
    assert.deepEqual(found.split(' ').sort(), keys.split(' ').sort(), line);
  }
  await untilAsync('something of it recorded', async () => {
    const { stdout } = await ended(['history', 'lamp-1', '--data', dataDir], cwd);
    return stdout !== '';
  });
  assert.equal(
    await keysOf('export lamp-1 --output out.csv --format csv --data DATA'),
    'device file format lines',
  );

  const answers = REFUSED.map(async ([line, code, words]) => {
    const {
      code: exit,
      stdout,
      stderr,
    } = await ended(line.replace('CONFIG', config).replace('DATA', dataDir).split(' '), cwd);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; advice: string } };
    assert.deepEqual([exit, error.code, stderr], [1, code, ''], line);
    assert.match(error.message, words);
    assert.ok(error.code in ERROR_CODES && error.advice.length > 10, line);
  });
  await Promise.all(answers);
});
