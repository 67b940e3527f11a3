// Somebody who types what README and docs/ say, page by page, beside the running example: whatever needs no hardware, no
// network and no other rights is run, with the ports of the test in place of the usual ones.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { env, execPath } from 'node:process';
import { test, type TestContext } from 'node:test';
import { read } from '../support/repository.js';
import { shellCommands } from '../docs/shell-commands.js';
import { type GatewayProcess, PROGRAM, startGateway } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/waiting.js';

/** What is not run here, and who runs it. */
const LEFT_OUT: readonly (readonly [RegExp, string])[] = [
  [
    /\bnpm (ci|start|test|run)\b/,
    'installs, tests, or starts at the usual ports, as first-minutes.test.ts does at free ones',
  ],
  [/^node --test/, 'is a test'],
  [/^sudo |\/dev\/i2c|read 0x20/, 'needs a real bus: tests/kernel'],
  [/start --config (?!bed\.yaml --simulate)/, 'needs a real bus: tests/kernel'],
  [/ doctor /, 'looks at the usual ports and at a bus: shell/doctor.test.ts'],
  [/^mosquitto -c|--no-broker/, 'starts Mosquitto: mosquitto-in-its-place.test.ts'],
  [/…/, 'has a password or a token to be filled in: users.test.ts, recorder-at-a-gateway.test.ts'],
];

const TOOLS = ['mosquitto_pub', 'mosquitto_sub', 'mosquitto_rr', 'curl', 'openssl'];
const missing = TOOLS.filter((tool) => !isThere(tool));
const skip =
  missing.length > 0 && `NOT INSTALLED: ${missing.join(', ')}. The documented commands were not run.`;

test('what the documentation says can be typed', { skip, timeout: 300_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const gateway = await startGateway(t, { dataDir: join(folder, 'data') });
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe('iot/greenhouse/device/+/reply/+', 1);
  await client.subscribe('iot/greenhouse/response/+', 1);
  await until('the devices to be there', () => gateway.output().split('device is online').length > 4);
  await filesOfTheReader(folder);
  const path = await programsOfTheReader(folder, gateway);
  const type = typist(t, folder, path);

  let listening: Promise<Ended> | undefined;
  for (const { page, line } of shellCommands().filter(({ line }) => !isLeftOut(line))) {
    await t.test(`${page}: ${line}`, async () => {
      const here = atTheTestsPorts(line, gateway);
      if (here.endsWith('&')) {
        listening = type(here.slice(0, -1));
        return;
      }
      if (/ (passwd|user|token) /.test(here)) await addUsers(folder, here.includes(' token '));
      if (here.includes(' start ')) {
        assert.equal(await type.andEnd(here), 0);
        return;
      }
      const { code, output } = await type(here);
      // mosquitto_sub says so when nothing came: of the log's warnings there may be none.
      assert.ok(code === 0 || (code === 27 && line.includes('/log/#')), `${String(code)}: ${output}`);
      assert.deepEqual((await listening)?.code ?? 0, 0, 'what was listened for came');
      listening = undefined;
    });
  }

  const answers = client.received.map(({ text }) => JSON.parse(text) as { status: string });
  assert.ok(answers.length > 5);
  assert.deepEqual(
    answers.filter(({ status }) => status !== 'done' && status !== 'ok'),
    [],
  );
  assert.doesNotMatch(gateway.output(), /dropped a message|is no sample/);
});

test('what is left out of it is there to be left out', () => {
  const idle = LEFT_OUT.filter(([pattern]) => !shellCommands().some(({ line }) => pattern.test(line)));
  assert.deepEqual(idle, []);
});

function isLeftOut(line: string): boolean {
  return LEFT_OUT.some(([pattern]) => pattern.test(line));
}

function atTheTestsPorts(line: string, { mqttUrl, pageUrl }: GatewayProcess): string {
  return line
    .replace(/^mosquitto_sub .*\/log\//, 'WAIT=3 $&')
    .replaceAll('mqtt://127.0.0.1:1883', mqttUrl)
    .replaceAll('http://127.0.0.1:8080', pageUrl.replace(/\/$/, ''));
}

/** The files that the pages speak of, as they have them. */
async function filesOfTheReader(folder: string): Promise<void> {
  const ports = 'mqtt: { port: 0 }\nhttp: { port: 0 }\n';
  const block = (page: string, begin: string, kind: string): string => {
    const blocks = [...read(page).matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)];
    const found = blocks.find(([, as, text = '']) => as === kind && text.startsWith(begin));
    assert.ok(found, `${page} has no ${kind} that begins with ${begin}`);
    return found[2] ?? '';
  };
  const bed = block('docs/describing-a-device.md', '# bed.yaml', 'yaml');
  await writeFile(join(folder, 'my.yaml'), block('README.md', '# my.yaml', 'yaml'));
  await writeFile(join(folder, 'bed.yaml'), bed + ports);
  await writeFile(join(folder, 'old.jsonl'), block('docs/from-python.md', '{', 'json'));
}

/** As docs/users.md has it, in the end with a file of tokens. */
async function addUsers(folder: string, withTokens: boolean): Promise<void> {
  const file = join(folder, 'my.yaml');
  const text = await readFile(file, 'utf8');
  const pattern = withTokens ? /^users: .*token_file.*\n/m : /^users: .*\n/m;
  const section = pattern.exec(read('docs/users.md'))?.[0] ?? '';
  if (!text.includes(section)) await writeFile(file, text.replace(/^users: .*\n/m, '') + section);
}

/** npx runs the program of this repository, and the clients find the port of the test. */
async function programsOfTheReader(folder: string, { mqttUrl }: GatewayProcess): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const { port } = new URL(mqttUrl);
  const path = [bin, env['PATH'] ?? ''].join(delimiter);
  const real = (tool: string): string => execFileSync('which', [tool], { encoding: 'utf8' }).trim();
  const programs = {
    npx: `shift; exec ${execPath} ${PROGRAM} "$@"`,
    mosquitto_pub: `exec ${real('mosquitto_pub')} -p ${port} "$@"`,
    mosquitto_sub: `exec ${real('mosquitto_sub')} -p ${port} -C 1 -W "\${WAIT:-60}" "$@"`,
    mosquitto_rr: `exec ${real('mosquitto_rr')} -p ${port} -W "\${WAIT:-60}" "$@"`,
    // Refused is failed.
    curl: `exec ${real('curl')} -sS --fail-with-body "$@"`,
  };
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  }
  return path;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

interface Typist {
  (line: string): Promise<Ended>;
  /** Waits until it runs, ends it by Ctrl-C, and resolves with its exit code. */
  andEnd(line: string): Promise<number | null>;
}

function typist(t: TestContext, folder: string, path: string): Typist {
  const run = (line: string) => {
    const rest = Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'MONGODB_URI'));
    const child = spawn('bash', ['-c', line], { cwd: folder, env: { ...rest, PATH: path } });
    t.after(() => child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    // What `passwd` is given where nobody types.
    child.stdin.on('error', () => undefined).end('correct horse\n');
    return { child, output: () => output, closed: once(child, 'close') };
  };
  const type = async (line: string): Promise<Ended> => {
    const { child, output, closed } = run(line);
    await closed;
    return { code: child.exitCode, output: output() };
  };
  const andEnd = async (line: string): Promise<number | null> => {
    const { child, output, closed } = run(line.includes('--data') ? line : `${line} --data ./other`);
    await until('it to run', () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${output()}`);
      return / is live | records /.test(output());
    });
    child.kill('SIGINT');
    await closed;
    return child.exitCode;
  };
  return Object.assign(type, { andEnd });
}

function isThere(tool: string): boolean {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
