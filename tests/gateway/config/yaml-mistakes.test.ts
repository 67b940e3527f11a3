// What YAML takes without a word, bounds without which nothing works, and one port by two names: each with its line.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { GatewayConfig } from '../../../shared/config/config.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { loginProblems } from '../../../gateway/cli/run/outside-problems.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const REST = `buses: { main: { path: /dev/i2c-1 } }
types: { t: { samples: [{ every: 1s, read: 1, fields: { level: { type: uint8 } } }] } }
devices: { d: { type: t, bus: main, address: 8 } }
`;

function refused(text: string, message: RegExp): void {
  assert.throws(() => parseConfig(text, 'f.yaml'), { code: 'config_invalid', message }, text);
}

void test('an alias within what it names is a mistake of its line', () => {
  refused('gateway: &a\n  b: [*a]\n', /f\.yaml:2: the alias \*a stands within what it names/);
  refused('buses: &a { x: *a }\n', /f\.yaml:1: the alias \*a/);
  const shared = `gateway: g\nlog: { size: &s 10MB }\nrecorder: { min_free: *s }\n${REST}`;
  assert.equal(parseConfig(shared, 'f.yaml').recorder.minFreeBytes, 10 * 1024 * 1024);
});

void test('a tag that nobody knows here is a mistake, not its text', () => {
  refused(
    `gateway: g\nlog:\n  level: !secret info\n${REST}`,
    /f\.yaml:3: the tag !secret is not known here.*secrets come from the environment/,
  );
  refused(`gateway: !env NAME\n${REST}`, /f\.yaml:1: the tag !env/);
});

void test('an id that YAML makes a number of is to be quoted', () => {
  const device = (id: string): string => `gateway: g\n${REST.replace('{ d:', `{ ${id}:`)}`;
  refused(device('01'), /f\.yaml:4: 01 is 1 to YAML; quote it: '01'/);
  refused(device('0x1F'), /0x1F is 31 to YAML; quote it: '0x1F'/);
  refused(device('1e2'), /1e2 is 100 to YAML/);
  refused(device('041702'), /041702 is 41702 to YAML; quote it: '041702'/);
  refused(device('0x00158d0001'), /0x00158d0001 is \d+ to YAML; quote it: '0x00158d0001'/);
  for (const id of ["'01'", '"0x1f"', "'041702'", '7'])
    assert.equal(parseConfig(device(id), 'f.yaml').devices.size, 1);
  refused(`gateway: 01\n${REST}`, /gateway: must be text, not the number 1: quote it/);
  refused(
    `gateway: g\n${REST.replace('bus: main', 'bus: 0x1')}`,
    /devices\.d\.bus: must be text, not the number \d+: quote it/,
  );
});

void test('fields that are whole numbers would change their places', () => {
  const fields = (text: string): string => `gateway: g\n${REST.replace('{ level:', `{ ${text}:`)}`;
  refused(fields('2: { type: uint8 }, 1'), /a field can't be called 2: whole numbers change their places/);
  refused(fields("'2'"), /a field can't be called 2/);
  refused(fields('01'), /01 is 1 to YAML; quote it/);
  // In the bytes the first is the one that is written first: these two would have changed.
  refused(fields('10: { type: uint8 }, 2'), /a field can't be called 10: .*\n.*a field can't be called 2/);
  refused(fields('02'), /02 is 2 to YAML/);
  parseConfig(fields('f2'), 'f.yaml');
  const named = REST.replace('type: uint8 }', 'type: uint8, names: { 0x01: on, 0: off } }');
  parseConfig(`gateway: g\n${named}`, 'f.yaml');
});

void test('a bound has a least or a greatest value where nothing would work beyond it', () => {
  for (const [section, message] of [
    ['limits: { connect_timeout: 60d }', /limits\.connect_timeout: is at most 1h/],
    ['limits: { packet: 0KB }', /limits\.packet: is at least 1KB/],
    ['limits: { write_buffer: 0KB }', /limits\.write_buffer: is at least 1KB/],
    // aedes goes no deeper, whatever it is told.
    ['limits: { topic_levels: 101 }', /limits\.topic_levels: .*100/],
    ['recorder: { max_size: 10KB }', /recorder\.max_size: is at least 16MB/],
    ['recorder: { keep: 0s }', /recorder\.keep: is at least 1m/],
    ['recorder: { commit_every: 60d }', /recorder\.commit_every: is at most 1h/],
    ['log: { size: 0KB }', /log\.size: is at least 1KB/],
    [
      'http: { origins: [https://panel.example/path] }',
      /http\.origins\[0\]: an origin is scheme, name and port alone/,
    ],
  ] as const)
    refused(`gateway: g\n${section}\n${REST}`, message);
  parseConfig(`gateway: g\nlimits: { connect_timeout: 1h }\nrecorder: { min_free: 0KB }\n${REST}`, 'f.yaml');
});

void test('one port is one port by whichever name of the machine', () => {
  const doors = (mqtt: string, http: string): string =>
    `gateway: g\nmqtt: { host: '${mqtt}', port: 1900 }\nhttp: { host: '${http}', port: 1900 }\n${REST}`;
  for (const [mqtt, http] of [
    ['localhost', '127.0.0.1'],
    ['LOCALHOST', 'localhost'],
    ['0.0.0.0', '127.0.0.1'],
    ['127.0.0.1', '::'],
  ] as const)
    refused(doors(mqtt, http), /http\.port: is the port of mqtt as well; choose another/);
  parseConfig(doors('127.0.0.2', '127.0.0.1'), 'f.yaml');
});

void test('lines of a password file that are of no use are told by check, and that nobody gets in', async (t) => {
  const folder = await temporaryFolder(t);
  const of = (anonymous: boolean): GatewayConfig =>
    parseConfig(
      `gateway: g\nusers: { password_file: passwords, anonymous: ${String(anonymous)} }\n${REST}`,
      'f.yaml',
    );
  const told = async (text: string, anonymous = false): Promise<string[]> => {
    await writeFile(join(folder, 'passwords'), text);
    const problems = await loginProblems(of(anonymous), folder);
    for (const { path } of problems) assert.deepEqual(path, ['users', 'password_file']);
    return problems.map(({ message }) => message.replace(join(folder, 'passwords'), 'FILE'));
  };
  const [nobody, ...lines] = await told('alice:swordfish\nbob:$7$nonsense\nswordfish\n');
  assert.match(nobody ?? '', /^lets nobody in: no line of it is of use; the command passwd makes users/);
  assert.deepEqual(
    lines.map((line) => line.split(/;|: a line/, 1)[0]),
    [
      'line 1 of FILE has no hash of mosquitto_passwd behind its colon',
      'line 2 of FILE has a hash that is cut off or changed',
      'line 3 of FILE has no colon',
    ],
  );
  assert.doesNotMatch(lines.join(), /swordfish|nonsense/);
  assert.match(
    (await told('')).join(),
    /^lets nobody in: FILE names nobody; the command passwd makes users$/,
  );
  assert.deepEqual(await told('', true), []);
  const hash = `$7$101$${Buffer.alloc(12).toString('base64')}$${Buffer.alloc(64).toString('base64')}`;
  assert.deepEqual(await told(`# users\n\nbob:${hash}\n`), []);
  assert.match((await told(`bob:${hash}\nalice:secret\n`)).join(), /^line 2 of FILE has no hash/);
  assert.match((await told(`bob:${hash}\nalice:secret\n`, true)).join(), /^line 2 of FILE/);
});
