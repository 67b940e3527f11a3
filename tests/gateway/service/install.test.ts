// The service put into a machine and taken out again: a folder in place of `/`, and in place of systemctl, useradd and
// runuser programs that write down what they were told.
import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { test, type TestContext } from 'node:test';
import { GatewayError } from '../../../shared/errors.js';
import { checkMayInstall, checkUserName, UNIT_FILE, type Host } from '../../../gateway/service/host.js';
import { installSteps, removeSteps, type Wanted } from '../../../gateway/service/install.js';
import { runSteps } from '../../../gateway/service/step.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** One that every Linux has, so that folders can become its own. */
const USER = 'daemon';
const skip = process.getuid?.() !== 0 && 'NOT TESTED: only root may give folders to another user';

interface Machine {
  readonly host: Host;
  /** Does the steps; what was said of them. */
  readonly install: (unit: string, isDryRun?: boolean) => Promise<string[]>;
  readonly remove: () => Promise<string[]>;
  /** What the programs were told since it was last asked. */
  readonly told: () => Promise<string[]>;
  readonly path: (name: string) => string;
}

async function machine(t: TestContext): Promise<Machine> {
  const root = await temporaryFolder(t);
  const [bin, log] = [join(root, 'bin'), join(root, 'told')];
  for (const folder of ['bin', 'etc/systemd/system', 'var/lib', 'run/systemd/system'])
    await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'etc/group'), 'root:x:0:\ni2c:x:994:\n');
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
  await writeFile(log, '');
  const script = `#!/bin/sh\necho "\${0##*/} $*" >>'${log}'\nif [ -e '${root}/fails' ]; then echo no such unit >&2; exit 5; fi\n`;
  for (const name of ['systemctl', 'useradd', 'runuser'])
    await writeFile(join(bin, name), script, { mode: 0o755 });
  const host: Host = { root, env: { ...env, PATH: `${bin}:${env['PATH'] ?? ''}` }, userId: 0 };
  const run = async (steps: Promise<Parameters<typeof runSteps>[0]>, isDryRun = false): Promise<string[]> => {
    const said: string[] = [];
    await runSteps(await steps, { isDryRun, say: (line) => said.push(line) });
    return said;
  };
  return {
    host,
    install: (unit, isDryRun) => run(installSteps(host, wanted(unit)), isDryRun),
    remove: () => run(removeSteps(host)),
    told: async () => {
      const lines = (await readFile(log, 'utf8')).trim().split('\n');
      await writeFile(log, '');
      return lines;
    },
    path: (name) => join(root, name),
  };
}

function wanted(unit: string): Wanted {
  return { user: USER, unit, node: execPath, program: '/opt/gateway/main.js', config: '/etc/my.yaml' };
}

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('installed: user, folders, a look whether that user can run it, unit, start', { skip }, async (t) => {
  const { install, told, path } = await machine(t);
  const said = await install('one\n');
  assert.deepEqual(await told(), [
    `useradd --system --user-group --groups i2c --home-dir /var/lib/i2c-mqtt-gateway --no-create-home --shell /usr/sbin/nologin ${USER}`,
    `runuser -u ${USER} -- ${execPath} /opt/gateway/main.js check --config /etc/my.yaml`,
    'systemctl daemon-reload',
    'systemctl enable --now i2c-mqtt-gateway',
  ]);
  assert.equal(said.length, 7, said.join('\n'));
  const folders = [path('etc/i2c-mqtt-gateway'), path('var/lib/i2c-mqtt-gateway')];
  assert.deepEqual(await Promise.all(folders.map(modeOf)), ['750', '750']);
  const owners = (await Promise.all(folders.map((folder) => stat(folder)))).map(({ uid }) => uid > 0);
  assert.deepEqual(owners, [false, true]);
  assert.equal(await readFile(path(UNIT_FILE), 'utf8'), 'one\n');
  assert.equal(await modeOf(path(UNIT_FILE)), '644');
});

test(
  'again, another unit is kept aside and the new one runs; the same one is left alone',
  { skip },
  async (t) => {
    const { install, told, path } = await machine(t);
    await install('one\n');
    await appendFile(path('etc/passwd'), `${USER}:x:1:1::/:/bin/false\n`);
    await told();
    await install('one\n');
    const quiet = ['systemctl daemon-reload', 'systemctl enable --now i2c-mqtt-gateway'];
    assert.deepEqual((await told()).slice(1), quiet);
    await install('two\n');
    assert.deepEqual((await told()).slice(1), [...quiet, 'systemctl restart i2c-mqtt-gateway']);
    await install('three\n');
    const folder = path('etc/systemd/system');
    const names = (await readdir(folder)).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
    assert.deepEqual(
      names.map((name, i) => [name.replace('i2c-mqtt-gateway.', ''), texts[i]]),
      [
        ['service', 'three\n'],
        ['service.old', 'one\n'],
        ['service.old-2', 'two\n'],
      ],
    );
  },
);

test('removed: stopped, and the unit gone; data and configuration stay', { skip }, async (t) => {
  const { install, remove, told, path } = await machine(t);
  await install('one\n');
  await writeFile(path('var/lib/i2c-mqtt-gateway/outbox'), 'kept');
  await told();
  await remove();
  assert.deepEqual(await told(), ['systemctl disable --now i2c-mqtt-gateway', 'systemctl daemon-reload']);
  assert.deepEqual(await readdir(path('etc/systemd/system')), []);
  assert.equal(await readFile(path('var/lib/i2c-mqtt-gateway/outbox'), 'utf8'), 'kept');
  assert.deepEqual(await remove(), []);
});

test('a dry run says the same steps and does none; a step that fails is the last', { skip }, async (t) => {
  const { install, told, path } = await machine(t);
  const would = await install('one\n', true);
  assert.deepEqual(await told(), ['']);
  assert.deepEqual([await readdir(path('var/lib')), await readdir(path('etc/systemd/system'))], [[], []]);
  await writeFile(path('fails'), '');
  await assert.rejects(install('one\n'), {
    code: 'service_failed',
    message: /^useradd .* failed: no such unit$/,
  });
  assert.equal((await told()).length, 1);
  assert.equal(would.filter((line) => line.startsWith('would: ')).length, 7);
});

test('nothing is installed without systemd, without root, or for a user that is more than a name', async (t) => {
  const root = await temporaryFolder(t);
  const host: Host = { root, env, userId: 0 };
  const refused = (who: Host): Promise<string> =>
    checkMayInstall(who, 'i2c-mqtt-gateway service install').then(
      () => 'taken',
      (error: unknown) => {
        assert.ok(error instanceof GatewayError);
        return `${error.code}: ${error.message}`;
      },
    );
  assert.match(await refused(host), /^service_failed: systemd does not run here/);
  await mkdir(join(root, 'run/systemd/system'), { recursive: true });
  assert.match(
    await refused({ ...host, userId: 1000 }),
    /^forbidden: .*sudo i2c-mqtt-gateway service install/,
  );
  assert.equal(await refused(host), 'taken');
  assert.throws(() => {
    checkUserName('x\nExecStart=/bin/sh');
  });
});
