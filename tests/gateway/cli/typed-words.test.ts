// What the shell's commands print and read, one by one: the banner's options, `.env`, and what clients made up.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chdir, cwd, env } from 'node:process';
import { test } from 'node:test';
import { brokerOptions } from '../../../gateway/cli/run/banner.js';
import { loadEnvironment } from '../../../gateway/cli/run/environment.js';
import { printable } from '../../../gateway/cli/print/printable.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

void test('the banner’s line reaches the broker wherever it is', () => {
  for (const [url, options] of [
    ['mqtt://127.0.0.1:1883', ''],
    ['mqtt://127.0.0.1:1884', '-p 1884 '],
    ['mqtt://0.0.0.0:1883', ''],
    ['mqtt://127.0.0.2:24943', '-h 127.0.0.2 -p 24943 '],
    ['mqtt://broker.local', '-h broker.local '],
    ['mqtt://[fe80::1]:1884', '-h fe80::1 -p 1884 '],
    ['mqtts://broker.local', '-h broker.local -p 8883 --tls-use-os-certs '],
  ] as const)
    assert.equal(brokerOptions(url), options, url);
});

void test('.env is read with a byte order mark and without, and the environment goes before it', async (t) => {
  const before = cwd();
  const names = ['DOORS_FIRST', 'DOORS_SECOND', 'DOORS_GIVEN'];
  t.after(() => {
    chdir(before);
    for (const name of names) Reflect.deleteProperty(env, name);
  });
  for (const mark of ['', '\u{feff}']) {
    for (const name of names) Reflect.deleteProperty(env, name);
    env['DOORS_GIVEN'] = 'here';
    chdir(await temporaryFolder(t));
    await writeFile(
      join(cwd(), '.env'),
      `${mark}DOORS_FIRST=mongodb://x/y\nDOORS_SECOND="a b"\nDOORS_GIVEN=there\n`,
    );
    loadEnvironment();
    assert.deepEqual(
      names.map((name) => env[name]),
      ['mongodb://x/y', 'a b', 'here'],
    );
  }
});

void test('what clients made up is one line, and nothing that a terminal obeys', () => {
  assert.equal(
    printable('a\u001b]0;x\u0007b\nc\u009b2J\u007f\u202e°C é'),
    'a\\u001b]0;x\\u0007b\\u000ac\\u009b2J\\u007f\\u202e°C é',
  );
});
