// Lines of a password file as Mosquitto 2.1 writes them, and those that let nobody in: which, why, and what to do.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasArgon2 } from '../../../../gateway/broker/rights/argon2.js';
import { parsePasswords } from '../../../../gateway/broker/rights/password-file.js';
import { isPassword, makeHash } from '../../../../gateway/broker/rights/password-hash.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const SALT_64 = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw';
/** Of the password "secret": by mosquitto_passwd 2.1.2, which makes the salt as long as the hash. */
const PBKDF2 =
  '$7$1000$LOS0EZVCbhYpFN6JqLnBsVsGmSylger7cy1ARy561BG/VrG+FKNAEPfvKslF3u12yf3PsAlvfOQNQH/hvzneZg==$Bz0p2X+hkTx9OByiTBFSaO2hUxDNzPB3jcWos00fW9R9W5MF+qD4oZKq6LitzXZz2DZh7S1l5WlUG+PPSIYwzA==';
/** By the reference implementation (argon2-cffi 25.1), with the costs of Mosquitto 2.1 and with those of RFC 9106. */
const ARGON2ID = [
  `$argon2id$v=19$m=47104,t=1,p=1$${SALT_64}$jN8KVtBuy9rOg+xx4HEO7K//Ei2hf4aegEDgCD4okj4rugUys2dVUsAyHcBFDFrGlWl198NIEs4dtHiTXPgqvA`,
  '$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw$IdiQ1EEJoqHAz8wZRh1vuNWBWoiUq+a2sbwWFJqBkxY',
] as const;
const ARGON2I =
  '$argon2i$v=19$m=8,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$CYOSOfIx+qlREqp4afDoNrTcw4QQgTT71nE9tC431Hg';
const PASSWORD_ANEW = /the command passwd/;

function why(line: string): string {
  const { users, badLines } = parsePasswords(`${line}\n`);
  assert.equal(users.size, 0, line);
  return badLines.map((bad) => bad.why).join();
}

async function opens(line: string, password: string): Promise<boolean> {
  const { users, badLines } = parsePasswords(`alice:${line}\r\n`);
  assert.deepEqual(badLines, []);
  const hash = users.get('alice');
  assert.ok(hash);
  return isPassword(hash, Buffer.from(password));
}

void test('PBKDF2 with the longer salt of Mosquitto 2.1 opens', async () => {
  assert.deepEqual([await opens(PBKDF2, 'secret'), await opens(PBKDF2, 'Secret')], [true, false]);
});

void test(
  'Argon2 of Mosquitto 2.1 opens where this Node has it',
  { skip: hasArgon2() ? false : `NODE ${process.version} HAS NO ARGON2` },
  async () => {
    for (const line of ARGON2ID)
      assert.deepEqual([await opens(line, 'secret'), await opens(line, 'Secret')], [true, false], line);
    for (const [costs, told] of [
      ['m=4194304,t=1,p=1', /asks for more work than a login may cost/],
      ['m=47104,t=1000000,p=1', /asks for more work/],
      ['m=47104,t=1,p=255', /asks for more work/],
      ['m=9999999999,t=9999999999,p=1', /asks for more work/],
      ['m=7,t=1,p=1', /cut off or changed/],
      ['m=47104,t=0,p=1', /cut off or changed/],
    ] as const) {
      const line = `alice:${ARGON2ID[0].replace('m=47104,t=1,p=1', costs)}`;
      assert.match(why(line), told, costs);
      assert.match(why(line), PASSWORD_ANEW);
    }
    for (const line of [ARGON2I, ARGON2ID[0].slice(0, 50), ARGON2ID[1].replace('v=19', 'v=16')])
      assert.match(why(`alice:${line}`), /cut off or changed/, line);
  },
);

void test(
  'where this Node has no Argon2, it says so and what to do',
  { skip: hasArgon2() ? `NODE ${process.version} HAS ARGON2` : false },
  () => {
    for (const line of ARGON2ID)
      assert.match(
        why(`alice:${line}`),
        new RegExp(
          `^has an Argon2 hash, which this Node \\(${process.version}\\) cannot check.*passwd, or with mosquitto_passwd -H sha512-pbkdf2$`,
        ),
      );
  },
);

void test('a line that would cost a login too much is refused, not tried', () => {
  assert.match(why(`alice:${PBKDF2.replace('1000', '1000001')}`), /more than 1000000 iterations/);
  assert.match(why(`alice:${PBKDF2.replace('1000', '9'.repeat(30))}`), /more than 1000000 iterations/);
  assert.deepEqual(parsePasswords(`alice:${PBKDF2.replace('1000', '1000000')}`).badLines, []);
  assert.match(why(`alice:${PBKDF2.replace('1000', '0')}`), /cut off or changed/);
});

void test('lines that let nobody in are told by the log, without what stands in them, and the others get in', async (t) => {
  const passwordFile = join(await temporaryFolder(t), 'passwords');
  const lines = [
    '# comment',
    'swordfish',
    'plain:swordfish',
    ':swordfish',
    'empty:',
    `costly:${PBKDF2.replace('1000', '5000000')}`,
    `good:${await makeHash(Buffer.from('secret'))}`,
    `cut:${PBKDF2.slice(0, -40)}`,
  ];
  await writeFile(passwordFile, [...lines, '', '   ', ''].join('\n'));
  const { log, url } = await startBroker(t, {}, { passwordFile, anonymous: false });
  const told = log.saying('nobody can log in by it').map(({ message }) => message);
  const parts = /: line (\d+) of (\S+) (has no colon|has no hash|asks|has a hash)/;
  assert.deepEqual(
    told.map((message) => parts.exec(message)?.slice(1)),
    [
      ['2', passwordFile, 'has no colon'],
      ['3', passwordFile, 'has no hash'],
      ['4', passwordFile, 'has no hash'],
      ['5', passwordFile, 'has no hash'],
      ['6', passwordFile, 'asks'],
      ['8', passwordFile, 'has a hash'],
    ],
  );
  for (const message of told) assert.match(message, PASSWORD_ANEW);
  assert.doesNotMatch(JSON.stringify(log.lines), /swordfish|\$7\$/);
  await connectClient(t, url, { username: 'good', password: 'secret' });
  await assert.rejects(connectClient(t, url, { username: 'plain', password: 'swordfish' }), { code: 5 });
});

void test('of many such lines the first are told, and how many more there are', async (t) => {
  const passwordFile = join(await temporaryFolder(t), 'passwords');
  await writeFile(passwordFile, 'plain:swordfish\n'.repeat(1000));
  const { log } = await startBroker(t, {}, { passwordFile, anonymous: true });
  const told = log.saying('nobody can log in by it');
  assert.equal(told.length, 11);
  assert.match(told.at(-1)?.message ?? '', /990 more lines/);
});
