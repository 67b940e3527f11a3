// A bus by any of its names: what a link of udev's leads to, now and after a replug, and one wire under two names.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../../../gateway/config/load.js';
import { busProblems } from '../../../../gateway/cli/run/outside-problems.js';
import { adapterBehind, busNumberOf, checkBusPath } from '../../../../gateway/i2c/linux/bus-path.js';
import { sameWire } from '../../../../gateway/i2c/linux/one-wire.js';
import { openLinuxBus } from '../../../../gateway/i2c/linux/open.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { fakeDriver } from './fake-driver.js';
import { BUS } from './open-fake-bus.js';

void test('a link is the bus it leads to, at each opening anew', async (t) => {
  const folder = await temporaryFolder(t);
  const [link, far] = [join(folder, 'i2c-greenhouse'), join(folder, 'far')];
  await symlink('/dev/i2c-98998', link);
  await symlink('i2c-greenhouse', far);
  assert.deepEqual([busNumberOf(link), busNumberOf(far)], [98_998, 98_998]);
  const world = { log: new RecordingLog(), driver: fakeDriver(), onFailure: (): void => undefined };
  const bus = await openLinuxBus({ ...BUS, path: link }, world);
  await bus.close();
  await rm(link);
  await symlink('/dev/i2c-7', link);
  assert.equal(busNumberOf(far), 7, 'after a replug');
});

void test('a name of udev’s that is not there now is no mistake of the file, and says so when it is opened', () => {
  for (const path of ['/dev/i2c-greenhouse', '/dev/i2c/by-path/usb-1', '/dev/i2c_adapter']) {
    checkBusPath(path);
    assert.throws(() => busNumberOf(path), { code: 'bus_unavailable', message: /There is no .*plugged in/ });
  }
  for (const path of ['/dev/ttyUSB0', '/dev/i2c-', '/dev/i2c-01', 'i2c-1', '/etc/passwd'])
    assert.throws(
      () => {
        checkBusPath(path);
      },
      { code: 'config_invalid' },
    );
});

void test('one adapter under two names is refused by check and start, by its links and by its number', async (t) => {
  const folder = await temporaryFolder(t);
  const link = join(folder, 'i2c-greenhouse');
  await symlink('/dev/i2c-98998', link);
  const config = parseConfig(
    `gateway: test
buses: { main: { path: /dev/i2c-98998 }, side: { path: /dev/i2c-98999 }, other: { path: ${link} } }
types: {}
devices: {}
`,
    'test.yaml',
  );
  assert.deepEqual(await busProblems(config), [
    {
      path: ['buses', 'other', 'path'],
      message: `${link} and /dev/i2c-98998 of the bus main are one adapter; put all devices of one wire on one bus`,
    },
  ]);
  // While it runs a link may come to lead to what another bus is.
  const buses = [...config.buses.values()];
  await rm(link);
  await symlink('/dev/i2c-98999', link);
  const other = buses.find(({ id }) => id === 'other');
  assert.ok(other);
  assert.equal(sameWire(other, buses)?.id, 'side');
  const node = join(folder, 'node');
  try {
    execFileSync('mknod', [node, 'c', '89', '300'], { stdio: 'ignore' });
  } catch {
    t.diagnostic('no right to make device nodes here: the adapter’s own number was not tried');
    return;
  }
  assert.deepEqual([busNumberOf(node), adapterBehind(node)], [300, adapterBehind('/dev/i2c-300')]);
});
