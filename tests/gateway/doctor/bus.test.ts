// A bus by what the kernel shows of it: boards, drivers, rights, and who else is there.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { lookAtBus, rights, speed, type LookedAtBus } from '../../../gateway/doctor/bus.js';
import type { Finding } from '../../../gateway/doctor/finding.js';
import { listenersAt, openFiles } from '../../../gateway/doctor/processes.js';
import { madeMachine, PI_4, type MadeFile } from './made-machine.js';

const BUS: LookedAtBus = {
  ...{ id: 'main', path: '/dev/i2c-1', bitsPerSecond: 100_000 },
  devices: new Map([[0x68, 'clock-1']]),
};
const ROOT = { uid: 0, groups: [0] };

async function found(
  t: TestContext,
  files: Readonly<Record<string, MadeFile>>,
  { bus = BUS, isOwnGatewayUp = false }: { bus?: LookedAtBus; isOwnGatewayUp?: boolean } = {},
): Promise<Record<string, Finding>> {
  const machine = await madeMachine(t, files);
  const holders = await openFiles(machine, 1);
  const findings = await lookAtBus(machine, bus, { self: ROOT, holders, isOwnGatewayUp });
  return Object.fromEntries(findings.map((finding) => [finding.check.replace('bus main', 'bus'), finding]));
}

test('a Raspberry Pi’s own controller is warned of, by each name of its bus; another board’s is not', async (t) => {
  for (const path of ['/dev/i2c-1', '/dev/i2c-greenhouse']) {
    const pi = await found(t, PI_4, { bus: { ...BUS, path } });
    assert.equal(pi['bus controller']?.state, 'warn');
    assert.match(
      pi['bus controller'].found,
      /^bcm2835 \(i2c@7e804000\) of a Raspberry Pi 4 Model B Rev 1\.4: /,
    );
    assert.match(pi['bus controller'].advice ?? '', /i2c-gpio/);
    assert.deepEqual([pi['bus rights']?.state, pi['bus speed']?.found], ['ok', '100 kHz']);
    assert.deepEqual([pi['bus drivers']?.state, pi['bus others']?.state], ['ok', 'ok']);
  }
  const pi5 = { ...PI_4, 'sys/class/i2c-dev/i2c-1/name': 'Synopsys DesignWare I2C adapter\n' };
  assert.equal((await found(t, pi5))['bus controller']?.state, 'ok');
});

test('a speed that is not the one that the schedule is reckoned with is named, as it is to be written', () => {
  assert.equal(speed('x', 50_000, 100_000).advice, 'write speed: 50000 for the bus');
  assert.equal(speed('x', 50_000, 50_000).state, 'ok');
  assert.equal(speed('x', 50_000, undefined).state, 'ok');
  assert.equal(speed('x', undefined, 50_000).state, 'skipped');
});

test('a bus that is not there: switched off, its module not loaded, another number, or none on this machine', async (t) => {
  const model = { 'proc/device-tree/model': 'Raspberry Pi Zero 2 W Rev 1.0\0' };
  const adapter = { 'sys/bus/i2c/devices/i2c-7/name': 'x' };
  for (const [files, pattern] of [
    [model, /raspi-config/],
    [{}, /plug the adapter in/],
    [adapter, /modprobe i2c-dev/],
    [{ ...adapter, 'sys/class/i2c-dev/i2c-7/name': 'x' }, /name one of these/],
  ] as const) {
    const { bus } = await found(t, files);
    assert.equal(bus?.state, 'fail');
    assert.match(bus.advice ?? '', pattern);
  }
});

test('a driver of the kernel fails where a configured device should be, and nowhere else', async (t) => {
  const at = (name: string): Record<string, MadeFile> => ({
    [`sys/bus/i2c/devices/${name}/driver`]: { link: '../../../../bus/i2c/drivers/rtc-ds1307' },
  });
  const taken = (await found(t, { ...PI_4, ...at('1-0068') }))['bus drivers'];
  assert.deepEqual(
    [taken?.state, taken?.found],
    ['fail', 'the kernel holds 0x68 by rtc-ds1307, where clock-1 should be'],
  );
  for (const name of ['1-0050', '2-0068']) {
    const { 'bus drivers': drivers } = await found(t, { ...PI_4, ...at(name) });
    assert.equal(drivers?.state, 'ok', name);
  }
});

test('who else has the bus open is named; the gateway that runs is not somebody else, a second one is', async (t) => {
  const running = (pid: number, comm: string, line: string): Record<string, MadeFile> => ({
    [`proc/${String(pid)}/comm`]: `${comm}\n`,
    [`proc/${String(pid)}/cmdline`]: line.replaceAll(' ', '\0'),
    [`proc/${String(pid)}/fd/5`]: { link: '/dev/i2c-1' },
  });
  const python = running(612, 'python3', 'python3 old.py');
  const gateway = running(700, 'node', 'node /opt/gateway/dist/gateway/i2c/linux/bus-process.js /dev/i2c-1');
  const second = running(701, 'node', 'node /opt/other/dist/gateway/i2c/linux/bus-process.js /dev/i2c-1');
  const others = async (files: object, isOwnGatewayUp: boolean): Promise<Finding | undefined> =>
    (await found(t, { ...PI_4, ...files }, { isOwnGatewayUp }))['bus others'];
  assert.match((await others(python, false))?.found ?? '', /open in python3 \(612\) as well/);
  assert.equal((await others(gateway, false))?.state, 'warn');
  assert.equal((await others(gateway, true))?.state, 'ok');
  assert.equal((await others({ ...gateway, ...second }, true))?.state, 'warn');
  // Nobody may look into it: as if it had no files, and counted.
  assert.match((await others({ 'proc/800/comm': 'x' }, false))?.found ?? '', /1 processes of other users/);
});

test('rights are those of user, group and others, and the advice names the group', () => {
  const groups = 'root:x:0:\ni2c:x:998:pi\n';
  const of = (mode: number, gid: number, self: { uid: number; groups: number[] }): Finding =>
    rights('x', '/dev/i2c-1', { uid: 0, gid, mode }, { self, groups });
  const pi = { uid: 1000, groups: [1000] };
  assert.match(of(0o660, 998, pi).advice ?? '', /usermod -aG i2c /);
  assert.equal(of(0o660, 998, { uid: 1000, groups: [1000, 998] }).state, 'ok');
  assert.match(of(0o640, 998, { uid: 1000, groups: [998] }).advice ?? '', /udev/);
  assert.match(of(0o600, 0, pi).found, /^this user may not open \/dev\/i2c-1: only root may$/);
  assert.equal(of(0o600, 0, { uid: 0, groups: [0] }).state, 'ok');
  assert.equal(of(0o666, 0, pi).state, 'ok');
});

test('who listens at a port is found by the kernel’s tables', async (t) => {
  const row = (at: string, state: string, inode: number): string =>
    `   0: ${at} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${String(inode)} 1\n`;
  const machine = await madeMachine(t, {
    'proc/net/tcp': `  sl  local_address\n${row('0100007F:075B', '0A', 11)}${row('0100007F:1F90', '01', 12)}`,
    'proc/net/tcp6': row('00000000000000000000000000000000:1F90', '0A', 13),
    'proc/5/comm': 'mosquitto',
    'proc/5/fd/3': { link: 'socket:[11]' },
    'proc/6/comm': 'node',
    'proc/6/fd/3': { link: 'socket:[12]' },
    'proc/7/comm': 'nginx',
    'proc/7/fd/3': { link: 'socket:[13]' },
  });
  const holders = await openFiles(machine, 1);
  const names = async (port: number): Promise<string[]> =>
    (await listenersAt(machine, port, holders)).map(({ name }) => name);
  assert.deepEqual([await names(1883), await names(8080), await names(80)], [['mosquitto'], ['nginx'], []]);
});
