// What is made of what was seen: disks, room, ports, Node, the clock, certificates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounded } from '../../../gateway/doctor/bounded.js';
import { disk, diskOf, room } from '../../../gateway/doctor/data-folder.js';
import { validity } from '../../../gateway/doctor/doors.js';
import { port } from '../../../gateway/doctor/ports.js';
import { clock, node } from '../../../gateway/doctor/runtime.js';
import { FakeClock } from '../../support/fake-clock.js';
import { madeMachine } from './made-machine.js';

const MB = 1024 * 1024;

test('the disk of a folder is the innermost that holds it, and an SD card is one by what the kernel calls it', async (t) => {
  const machine = await madeMachine(t, {
    'proc/self/mountinfo': [
      '22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw',
      '30 22 0:25 / /tmp rw - tmpfs tmpfs rw',
      '31 22 8:1 / /mnt/my\\040disk rw - vfat /dev/sda1 rw',
      '32 22 0:40 / /srv rw - nfs4 nas:/data rw',
      '33 32 179:32 / /srv/emmc rw - ext4 /dev/mmcblk1p1 rw',
      '35 22 179:64 / /srv/worn rw - ext4 /dev/mmcblk2p1 rw',
      '36 22 179:96 / /srv/spent rw - ext4 /dev/mmcblk3p1 rw',
      '34 22 0:50 / /var/lib/data rw - overlay overlay rw',
    ].join('\n'),
    'sys/dev/block/179:2': { link: '../../devices/platform/mmc/mmc0/block/mmcblk0/mmcblk0p2' },
    'sys/dev/block/179:32': { link: '../../devices/platform/mmc/mmc1/block/mmcblk1/mmcblk1p1' },
    'sys/dev/block/179:64': { link: '../../devices/platform/mmc/mmc2/block/mmcblk2/mmcblk2p1' },
    'sys/dev/block/179:96': { link: '../../devices/platform/mmc/mmc3/block/mmcblk3/mmcblk3p1' },
    'sys/block/mmcblk0/device/type': 'SD\n',
    'sys/block/mmcblk1/device/type': 'MMC\n',
    'sys/block/mmcblk1/device/life_time': '0x01 0x09\n',
    'sys/block/mmcblk2/device/life_time': '0x0a 0x02\n',
    'sys/block/mmcblk3/device/life_time': '0x00 0x0b\n',
  });
  for (const [folder, state, words] of [
    ['/home/pi/data', 'ok', /an SD card \(mmcblk0\)/],
    ['/tmpx', 'ok', /SD card/],
    ['/tmp/data', 'fail', /in memory/],
    ['/mnt/my disk/data', 'warn', /^vfat on \/dev\/sda1/],
    ['/srv/data', 'warn', /over the network/],
    ['/srv/emmc/data', 'ok', /^ext4 on \/dev\/mmcblk1p1$/],
    ['/srv/worn/data', 'warn', /mmcblk2 says that nine tenths/],
    ['/srv/spent/data', 'warn', /mmcblk3 says that all/],
    ['/var/lib/data', 'warn', /container/],
  ] as const) {
    const finding = disk('data disk', await diskOf(machine, folder));
    assert.equal(finding.state, state, folder);
    assert.match(finding.found, words);
  }
  assert.equal(disk('data disk', await diskOf(await madeMachine(t, {}), '/data')).state, 'skipped');
});

test('room is too little below min_free, and scarce where the store may outgrow it', () => {
  const limits = { storeBytes: 100 * MB, minFreeBytes: 50 * MB, maxBytes: 1024 * MB };
  assert.equal(room('x', { ...limits, freeBytes: 49 * MB }).state, 'fail');
  const scarce = room('x', { ...limits, freeBytes: 500 * MB });
  assert.deepEqual([scarce.state, scarce.advice], ['warn', 'free space, or set recorder.max_size to 550MB']);
  assert.equal(room('x', { ...limits, freeBytes: 974 * MB }).state, 'ok');
});

test('a port is free, the running gateway’s, Mosquitto’s, root’s, or nobody’s', () => {
  const mqtt = { setting: 'mqtt.port', host: '127.0.0.1', port: 1883 };
  const [ours, theirs] = [
    { pid: 7, name: 'node', isGateway: true },
    { pid: 8, name: 'mosquitto', isGateway: false },
  ];
  const busy = { code: 'EADDRINUSE', holders: [ours], isOwnGatewayUp: true };
  assert.equal(port(mqtt, { ...busy, code: undefined }).state, 'ok');
  assert.equal(port(mqtt, busy).state, 'ok');
  assert.equal(port(mqtt, { ...busy, isOwnGatewayUp: false }).state, 'fail');
  const mosquitto = port(mqtt, { ...busy, holders: [theirs] });
  assert.match(`${mosquitto.found} ${mosquitto.advice ?? ''}`, /by mosquitto \(8\) sudo systemctl disable/);
  assert.match(port(mqtt, { ...busy, holders: [], isOwnGatewayUp: false }).advice ?? '', /ss -ltnp/);
  assert.match(port(mqtt, { ...busy, code: 'EACCES' }).advice ?? '', /above 1023/);
  assert.equal(port({ ...mqtt, port: 0 }, busy).state, 'skipped');
});

test('versions of Node, times of a clock and dates of a certificate', () => {
  const states = ['v18.20.0', 'v20.18.9', 'v20.19.0', 'v26.0.0', 'v27.0.0'].map(
    (version) => node(version).state,
  );
  assert.deepEqual(states, ['fail', 'fail', 'ok', 'ok', 'warn']);
  const now = Date.UTC(2027, 0, 1);
  assert.equal(clock(0, { folder: '/nowhere', isWatched: false }).state, 'warn');
  assert.match(clock(now, { folder: '/nowhere', isWatched: false }).found, /nothing here tells/);
  assert.equal(clock(now, { folder: import.meta.dirname, isWatched: true }).state, 'warn');
  const day = 86_400_000;
  const of = (fromDays: number, toDays: number): string =>
    validity({ fromTs: now + fromDays * day, toTs: now + toDays * day }, now).state;
  assert.deepEqual([of(-9, 90), of(-9, 13), of(-9, -1), of(1, 90)], ['ok', 'warn', 'fail', 'fail']);
});

test('a look that hangs, and one that throws, fail by themselves', async () => {
  const time = new FakeClock();
  const hanging = bounded('mongodb', time, () => new Promise(() => undefined));
  await time.advance(10_000);
  assert.match((await hanging)[0]?.found ?? '', /no answer within 10 s/);
  const [thrown] = await bounded('data disk', time, () => Promise.reject(new Error('EIO: it broke')));
  assert.deepEqual([thrown?.check, thrown?.state, thrown?.found], ['data disk', 'fail', 'EIO: it broke']);
});
