// The package for npm in a booted Debian 12, whose own Node is too old: `service install`, a power cut, `service remove`.
import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../../gateway/process/paths.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { CleanRoot, fine, run } from '../clean-root.js';
import { bearsPowerCut, reloads } from './in-both.js';
import { GuestService, NAME, steps } from './guest-service.js';

/** One with SQLite of its own: nothing is compiled. */
const NODE = 'node@24';

test('a booted Debian 12', async (t) => {
  const [folder, root] = [await temporaryFolder(t), await CleanRoot.copy(t, 'bookworm')];
  fine(await run('npm', ['install', '--silent', '--prefix', folder, NODE]));
  await copyFile(join(folder, 'node_modules/node/bin/node'), join(root.folder, 'usr/bin/node'));
  fine(await run(join('packaging', 'npm', 'build'), [folder]));
  const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  const place = join(root.folder, 'usr/local');
  fine(
    await run('npm', ['install', '--silent', '-g', '--omit=optional', '--prefix', place, join(folder, file)]),
  );
  await mkdir(join(root.folder, 'etc', NAME));
  await copyFile(
    join(packageRoot, 'packaging/deb/gateway.yaml'),
    join(root.folder, 'etc', NAME, 'gateway.yaml'),
  );
  const guest = await GuestService.boot(t, root, `/usr/local/lib/node_modules/${NAME}`);

  const step = steps(t);
  await step('service install makes it run', async () => {
    await guest.sh(`groupadd --system i2c && ${NAME} service install`);
    assert.deepEqual([await guest.isActive(), await guest.property('StatusText')], ['active', 'live']);
    assert.match(await guest.sh(`${NAME} service install`), /It runs/);
  });

  await step('a reload reads its files again, and it stays what it is', () => reloads(guest));
  await step('after a power cut it runs again, and no acknowledged reading is lost', () =>
    bearsPowerCut(guest),
  );

  await step('service remove takes the unit, and keeps what it says', async () => {
    await guest.sh(`${NAME} service remove`);
    assert.notEqual(await guest.isActive(), 'active');
    await guest.sh(`test -e /var/lib/${NAME}/store.sqlite && test -e /etc/${NAME}/gateway.yaml`);
  });
});
