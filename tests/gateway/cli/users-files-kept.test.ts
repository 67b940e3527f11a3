// The files of users and rights belong to somebody, may be links, and are changed by several at once: `passwd` and `user`
// change what is in them and nothing else.
import assert from 'node:assert/strict';
import { chmod, chown, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { geteuid, seteuid } from 'node:process';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeFile } from '../../../gateway/cli/users/change-file.js';
import { inTurn } from '../../../gateway/cli/users/file-turn.js';
import { exampleFile, runToEnd } from '../../support/gateway-process.js';
import { typePassword } from '../../support/typed-password.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const NOBODY = 65_534;
const asRoot = geteuid?.() === 0 ? false : 'needs root, to give files away';

interface Users {
  readonly folder: string;
  readonly config: string;
  readonly passwords: string;
  readonly acl: string;
}

async function users(t: TestContext): Promise<Users> {
  const folder = await temporaryFolder(t);
  const [passwords, acl] = [join(folder, 'passwords'), join(folder, 'acl')];
  const config = await exampleFile(t, (example) => {
    example['users'] = { password_file: passwords, acl_file: acl };
  });
  return { folder, config, passwords, acl };
}

async function ownerOf(file: string): Promise<string> {
  const { uid, gid, mode } = await stat(file);
  return `${String(uid)}:${String(gid)} ${(mode & 0o777).toString(8)}`;
}

void test('root changes the gateway’s files, and the gateway keeps them', { skip: asRoot }, async (t) => {
  const { folder, config, passwords, acl } = await users(t);
  await writeFile(passwords, '');
  await writeFile(acl, 'user alice\ntopic read #\n');
  await chown(passwords, NOBODY, NOBODY);
  await chown(acl, NOBODY, NOBODY);
  await chmod(passwords, 0o600);
  await chmod(acl, 0o640);
  assert.match(await typePassword(t, 'alice', config, 'secret'), /^0 /);
  assert.equal((await runToEnd(t, ['user', 'alice', '--role', 'viewer', '--config', config])).code, 0);
  assert.deepEqual([await ownerOf(passwords), await ownerOf(acl)], ['65534:65534 600', '65534:65534 640']);
  assert.deepEqual((await readdir(folder)).toSorted(), ['acl', 'passwords'], 'nothing is left beside them');
});

void test('a new file belongs to whose folder it is', { skip: asRoot }, async (t) => {
  const { folder, config, passwords } = await users(t);
  await chown(folder, NOBODY, NOBODY);
  assert.match(await typePassword(t, 'alice', config, 'secret'), /^0 /);
  assert.equal(await ownerOf(passwords), '65534:65534 600');
});

void test('who may not give the file back does not take it', { skip: asRoot }, async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'passwords');
  await writeFile(file, 'before\n');
  await chmod(folder, 0o777);
  await chmod(file, 0o666);
  seteuid?.(NOBODY);
  try {
    await assert.rejects(
      changeFile(file, () => 'after\n'),
      { code: 'config_unreadable', message: /belongs to user 0 and group 0.*sudo/ },
    );
  } finally {
    seteuid?.(0);
  }
  assert.equal(await readFile(file, 'utf8'), 'before\n');
  assert.deepEqual(await readdir(folder), ['passwords']);
});

void test('a link stays a link, and what it leads to is changed', async (t) => {
  const { folder, config, passwords, acl } = await users(t);
  await mkdir(join(folder, 'shared'));
  await writeFile(join(folder, 'shared', 'passwords'), '');
  await symlink('shared/passwords', passwords);
  // Of one whose target is not there yet it is made.
  await symlink('shared/acl', acl);
  assert.match(await typePassword(t, 'carl', config, 'secret'), /^0 /);
  assert.equal((await runToEnd(t, ['user', 'carl', '--role', 'viewer', '--config', config])).code, 0);
  for (const [link, name] of [
    [passwords, 'passwords'],
    [acl, 'acl'],
  ] as const) {
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.match(await readFile(join(folder, 'shared', name), 'utf8'), /carl/);
  }
});

void test('users made at the same time are all there', async (t) => {
  const { config, passwords } = await users(t);
  const names = ['u1', 'u2', 'u3', 'u4'];
  const said = await Promise.all(names.map((name) => typePassword(t, name, config, 'secret')));
  for (const line of said) assert.match(line, /^0 /);
  const known = await readFile(passwords, 'utf8');
  for (const name of names) assert.match(known, new RegExp(`^${name}:`, 'm'));
});

void test('one that changes a file waits for the other, but not for one that was killed', async (t) => {
  const file = join(await temporaryFolder(t), 'counted');
  await writeFile(file, '0');
  await Promise.all(Array.from({ length: 20 }, () => changeFile(file, (text) => String(Number(text) + 1))));
  assert.equal(await readFile(file, 'utf8'), '20');
  await writeFile(`${file}.lock`, 'of a process that is gone');
  let inside = 0;
  const alone = async (): Promise<boolean> => {
    inside += 1;
    await sleep(5);
    inside -= 1;
    return inside === 0;
  };
  const waited = await Promise.all(Array.from({ length: 10 }, () => inTurn(file, alone, 200)));
  assert.ok(waited.every(Boolean));
});

void test('taking out who is not there says so, and makes no file', async (t) => {
  const { folder, config, passwords, acl } = await users(t);
  for (const args of [
    ['passwd', 'alcie'],
    ['user', 'alcie'],
  ]) {
    const { code, output } = await runToEnd(t, [...args, '--delete', '--config', config]);
    assert.equal(code, 1);
    assert.match(output, /^bad_argument: Nobody is called alcie in /);
  }
  assert.deepEqual(await readdir(folder), []);
  await writeFile(passwords, 'alice:\n');
  await writeFile(acl, 'user alice\ntopic read #\n');
  const typo = await runToEnd(t, ['passwd', 'alcie', '--delete', '--config', config]);
  assert.equal(typo.code, 1);
  const out = await runToEnd(t, ['user', 'alice', '--delete', '--config', config]);
  assert.match(out.output, /^alice is taken out of .*acl and .*passwords$/m);
  assert.deepEqual([await readFile(passwords, 'utf8'), await readFile(acl, 'utf8')], ['', '']);
});
