// The package for Debian in a booted Debian 13: what its service does with a real systemd, over an upgrade and a power cut.
import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildPackages } from '../built-packages.js';
import { CleanRoot, fine } from '../clean-root.js';
import { bearsPowerCut, reloads } from './in-both.js';
import { GuestService, NAME, steps } from './guest-service.js';

test('a booted Debian 13', async (t) => {
  const [packages, root] = [await buildPackages(), await CleanRoot.copy(t, 'trixie')];
  t.after(() => packages.remove());
  await copyFile(packages.first, join(root.folder, 'root', 'first.deb'));
  await copyFile(packages.newer, join(root.folder, 'root', 'newer.deb'));
  fine(await root.sh('apt-get -q -y install --no-install-recommends /root/first.deb'));
  const guest = await GuestService.boot(t, root, `/usr/lib/${NAME}/node_modules/${NAME}`);

  const step = steps(t);
  await step('it is started, and has said that it is ready', async () => {
    await guest.untilActive();
    const said = [await guest.property('Type'), await guest.property('StatusText')];
    assert.deepEqual(said, ['notify', 'live']);
  });

  await step('a reload reads its files again, and it stays what it is', () => reloads(guest));
  await step('after a power cut it runs again, and no acknowledged reading is lost', () =>
    bearsPowerCut(guest),
  );

  await step('stuck, it is ended and started again, and what was acknowledged is there', async () => {
    await guest.publish(100_000);
    await guest.sh(`kill -STOP ${await guest.property('MainPID')}`);
    await guest.stopPublishing();
    await guest.sh(`while [ "$(systemctl show --value -p NRestarts ${NAME})" = 0 ]; do sleep 1; done`);
    await guest.untilActive();
    assert.match(await guest.journal(), /Watchdog timeout/);
    assert.deepEqual(await guest.lost(), []);
  });

  await step('an upgrade keeps configuration and data, and starts it anew', async () => {
    await guest.sh(`echo '# mine' >>/etc/${NAME}/gateway.yaml`);
    const pid = await guest.property('MainPID');
    await guest.sh('dpkg -i --force-confold --force-unsafe-io /root/newer.deb');
    assert.equal(await guest.isActive(), 'active');
    assert.notEqual(await guest.property('MainPID'), pid);
    assert.equal(await guest.sh(`tail -n 1 /etc/${NAME}/gateway.yaml`), '# mine\n');
  });

  await step('removed it does not run; installed again it does', async () => {
    await guest.sh(`dpkg -r ${NAME}`);
    assert.notEqual(await guest.isActive(), 'active');
    await guest.sh('dpkg -i --force-confold --force-unsafe-io /root/first.deb');
    assert.equal(await guest.isActive(), 'active');
  });

  await step('a purge leaves nothing of it', async () => {
    await guest.sh(`dpkg -P ${NAME}`);
    assert.notEqual(await guest.isActive(), 'active');
    const own = `! -path '/etc/systemd/system/${NAME}.service.d' ! -path '/var/log/*'`;
    const left = `find /etc /usr /var /run -name '*${NAME}*' ${own}; getent passwd ${NAME}`;
    assert.equal((await guest.outcome(left)).output, '');
  });
});
