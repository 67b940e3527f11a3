// The packages for Debian on ARM, compiled on this machine for it, run by the Node of a Debian of that processor in QEMU's
// emulation of a process. With ARM_PACKAGES=1 only: the compiling takes a minute each.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { test } from 'node:test';
import { exampleFile } from '../support/gateway-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until, untilAsync } from '../support/waiting.js';
import { fine, preparedRoot, run, withoutRoot } from './clean-root.js';

const MOST_INSTALLED_KB = 40 * 1000;
const START_LIMIT_MS = 300_000;
const HOME = 'usr/lib/i2c-mqtt-gateway/node_modules/i2c-mqtt-gateway';
/** Of an ELF file: the processor that it is for. */
const MACHINE_AT = 18;

const PROCESSORS = [
  { architecture: 'arm64', emulator: 'qemu-aarch64-static', compiler: 'aarch64-linux-gnu-g++', machine: 183 },
  { architecture: 'armhf', emulator: 'qemu-arm-static', compiler: 'arm-linux-gnueabihf-g++', machine: 40 },
] as const;

function whyNot({ architecture, emulator, compiler }: (typeof PROCESSORS)[number]): string | false {
  if (env['ARM_PACKAGES'] === undefined)
    return `THE PACKAGE FOR ${architecture} WAS NOT TRIED: ARM_PACKAGES=1`;
  const missing = [emulator, compiler].find((program) => spawnSync(program, ['--version']).status !== 0);
  if (missing !== undefined) return `${missing} IS NOT THERE: apt-get install qemu-user-static g++-…`;
  return withoutRoot(architecture);
}

for (const processor of PROCESSORS) {
  const { architecture, emulator, machine } = processor;
  test(`the package for ${architecture} runs, records and ends`, { skip: whyNot(processor) }, async (t) => {
    const folder = await temporaryFolder(t);
    fine(await run(join('packaging', 'deb', 'build'), [architecture, folder]));
    const file = join(folder, (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? '');
    const sizeKb = Number(fine(await run('dpkg-deb', ['-f', file, 'Installed-Size'])));
    assert.ok(sizeKb > 1000 && sizeKb <= MOST_INSTALLED_KB, `${String(sizeKb)} kB`);
    fine(await run('dpkg-deb', ['-x', file, join(folder, 'package')]));
    const home = join(folder, 'package', HOME);
    const native = (await readdir(home, { recursive: true })).filter((path) => path.endsWith('.node'));
    assert.equal(native.length, 2);
    for (const path of native)
      assert.equal((await readFile(join(home, path))).readUInt16LE(MACHINE_AT), machine, path);

    const root = preparedRoot(architecture);
    const node = ['-L', root, join(root, 'usr/bin/node')];
    fine(await run(emulator, [...node, '-e', "require('i2c-bus')"], home));
    const program = [...node, join(home, 'dist/gateway/main.js')];
    const data = join(folder, 'data');
    const words = ['start', '--simulate', '--config', await exampleFile(t), '--data', data];
    const child = spawn(emulator, [...program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const page = await until('its page', () => /^ +page +(\S+)$/m.exec(said)?.[1], START_LIMIT_MS);
    const hasHistory = async (): Promise<boolean> =>
      (await (await fetch(`${page}api/history?device=lamp-1`)).text()).includes('"values"');
    await untilAsync('what it has read of a device', hasHistory, START_LIMIT_MS);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    const history = ['history', 'lamp-1', '--last', '1h', '--json', '--data', data];
    assert.match(fine(await run(emulator, [...program, ...history])), /"device":"lamp-1"/);
  });
}
