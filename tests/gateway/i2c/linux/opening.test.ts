import assert from 'node:assert/strict';
import { chmod, chown, readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadDriver, REAL_DRIVER } from '../../../../gateway/i2c/linux/driver.js';
import { permissionSentence } from '../../../../gateway/i2c/linux/permission.js';
import { openLinuxBus } from '../../../../gateway/i2c/linux/open.js';
import type { GatewayError } from '../../../../shared/errors.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { fakeDriver } from './fake-driver.js';
import { BUS } from './open-fake-bus.js';

const unheard = (error: GatewayError): void => {
  throw error;
};
const world = { log: new RecordingLog(), onFailure: unheard };

test('a path that is no Linux bus is refused in words', async () => {
  for (const path of ['/dev/ttyUSB0', 'i2c-1', '/dev/i2c-', '/dev/i2c-01', '/dev/i2c-1/..', '1'])
    await assert.rejects(openLinuxBus({ ...BUS, path }, world), {
      code: 'config_invalid',
      message: /Give \/dev\/i2c-N/,
    });
});

test('two buses that do not exist say so, over the real driver', async (t) => {
  const installed = await loadDriver(REAL_DRIVER).then(
    () => true,
    () => false,
  );
  if (!installed) {
    t.skip('i2c-bus is not installed here: it is an optional dependency');
    return;
  }
  const open = (number: number): Promise<unknown> =>
    openLinuxBus({ ...BUS, path: `/dev/i2c-${String(number)}` }, world);
  await Promise.all(
    [98_998, 98_999].map((number) =>
      assert.rejects(open(number), {
        code: 'bus_unavailable',
        message: new RegExp(
          `^There is no /dev/i2c-${String(number)}\\. .*raspi-config.*modprobe i2c-dev.*--simulate`,
        ),
      }),
    ),
  );
});

test('a bus that may not be opened names the group to join, and nothing of it stays open', async (t) => {
  const journal = join(await temporaryFolder(t), 'journal');
  const driver = fakeDriver({ open: constants.errno.EACCES, journal });
  await assert.rejects(openLinuxBus(BUS, { ...world, driver }), {
    code: 'bus_unavailable',
    message: /No permission to open \/dev\/i2c-1\..*usermod -aG i2c/,
  });
  assert.match(await readFile(journal, 'utf8'), /open\nclose\n$/);
});

for (const [number, message] of [
  [constants.errno.EPERM, /No permission to open \/dev\/i2c-1\./],
  [constants.errno.ENODEV, /The adapter behind \/dev\/i2c-1 is gone\. Plug it in/],
  [constants.errno.ENXIO, /The adapter behind \/dev\/i2c-1 is gone\. Plug it in/],
  [constants.errno.EMFILE, /\/dev\/i2c-1 cannot be opened: open failed/],
] as const)
  test(`errno ${String(number)} at the opening is told in words`, async () => {
    const driver = fakeDriver({ open: number });
    await assert.rejects(openLinuxBus(BUS, { ...world, driver }), { code: 'bus_unavailable', message });
  });

test('a bus of another group names that group, and what to do in each case', async (t) => {
  const folder = await temporaryFolder(t);
  const [bus, groups] = [join(folder, 'i2c-1'), join(folder, 'group')];
  await writeFile(bus, '');
  const own = process.getgid?.() ?? 0;
  await writeFile(groups, `root:x:0:\nwires:x:${String(own === 0 ? 4711 : own)}:\n`);
  const says = (pattern: RegExp): void => {
    assert.match(permissionSentence(bus, groups), pattern);
  };
  await chmod(bus, 0o600);
  says(/Only root may: .*udev.*usermod -aG i2c/);
  await chmod(bus, 0o660);
  // Only root may give a file to a group that it is not in.
  if (own !== 0) {
    says(/group wires, and this process is in that.*DeviceAllow/);
    return;
  }
  says(/Only root may/);
  await chown(bus, 0, 4711);
  says(/It belongs to the group wires: sudo usermod -aG wires \$USER/);
  // A group that may not read and write is none to join.
  await chmod(bus, 0o640);
  says(/Only root may/);
  await chmod(bus, 0o660);
  await writeFile(groups, 'root:x:0:\n');
  says(/It belongs to the group 4711:/);
});

test('a driver that is not installed, does not load or is none says what to do', async () => {
  const refused = async (driver: string, message: RegExp): Promise<void> =>
    assert.rejects(openLinuxBus(BUS, { ...world, driver }), { code: 'bus_unavailable', message });
  await refused('i2c-bus-that-is-not-there', /is not installed\..*npm install/);
  await refused('data:text/javascript,throw new Error("Module did not self-register")', /npm rebuild/);
  await refused('data:text/javascript,export const open = 1', /no openPromisified/);
});
