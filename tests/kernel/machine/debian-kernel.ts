// Debian's kernel for the test machine: downloaded by apt, unpacked beside the repository's packages, never installed.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../gateway/process/paths.js';

const run = promisify(execFile);

/** Git ignores node_modules, and `npm ci` clears it away. Another name where other modules are unpacked. */
const CACHE = join(packageRoot, 'node_modules', '.cache', 'test-kernel-and-chips');

/** The kernel with all drivers (the cloud kernel has no I²C), and a shell for the first process. */
const META_PACKAGE = 'linux-image-amd64';
const SHELL_PACKAGE = 'busybox-static';

/** Of 4,000 modules, those among which ours and what they need are found. */
const MODULES = [
  ...['drivers/i2c/*', 'drivers/usb/*', 'drivers/virtio/*', 'fs/*', 'net/9p/*'],
  ...['drivers/net/virtio_net.*', 'drivers/net/net_failover.*', 'net/core/failover.*'],
  ...['drivers/hwmon/*', 'drivers/iio/*', 'drivers/base/regmap/*'],
  ...['drivers/block/virtio_blk.*', 'crypto/*', 'lib/*', 'arch/x86/crypto/*'],
];
const MOST_KERNEL_BYTES = 256 * 1024 * 1024;

export interface UnpackedKernel {
  readonly version: string;
  /** The kernel as an ELF file: QEMU starts it without the seconds that an emulated processor takes to unpack it. */
  readonly vmlinux: string;
  /** Somewhere below it are the modules. */
  readonly folder: string;
  readonly busybox: string;
}

/** Downloads 71 MB the first time (again where Debian has a newer one). Rejects where apt or the network is missing. */
export async function debianKernel(): Promise<UnpackedKernel> {
  const image = await newestImagePackage();
  const folder = join(CACHE, image);
  if (!existsSync(folder)) await unpackInto(folder, image);
  const busybox = ['bin', 'usr/bin']
    .map((bin) => join(folder, bin, 'busybox'))
    .find((file) => existsSync(file));
  if (busybox === undefined) throw new Error(`${SHELL_PACKAGE} has no busybox where it was`);
  return { version: image.replace('linux-image-', ''), vmlinux: join(folder, 'vmlinux'), folder, busybox };
}

async function newestImagePackage(): Promise<string> {
  const { stdout } = await run('apt-cache', ['depends', '--important', META_PACKAGE]);
  const image = /Depends: (linux-image-\S+-amd64)/.exec(stdout)?.[1];
  if (image === undefined) throw new Error(`apt knows no ${META_PACKAGE}: apt-get update`);
  return image;
}

/** A folder that is there is whole: it gets its name last. */
async function unpackInto(folder: string, image: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'unpacking-'));
  try {
    await run('apt-get', ['download', '-q', image, SHELL_PACKAGE], { cwd: work });
    for (const file of await readdir(work)) await unpackDeb(join(work, file), work);
    const vmlinuz = await readFile(join(work, 'boot', image.replace('linux-image-', 'vmlinuz-')));
    await writeFile(join(work, 'vmlinux'), await payloadOf(vmlinuz, work));
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** All of the shell's package, and of the kernel's (400 MB) what is used. */
async function unpackDeb(deb: string, folder: string): Promise<void> {
  const wanted = deb.includes(SHELL_PACKAGE)
    ? []
    : ['./boot/vmlinuz-*', ...MODULES.map((name) => `*/kernel/${name}`)];
  await run('sh', ['-c', 'dpkg-deb --fsys-tarfile "$0" | tar -x --wildcards "$@"', deb, ...wanted], {
    cwd: folder,
  });
  await rm(deb);
}

/**
 * The compressed ELF file within a bzImage: its setup header says where (Documentation/x86/boot.rst: setup_sects,
 * payload_offset, payload_length); behind it stand four bytes with its size.
 */
async function payloadOf(vmlinuz: Buffer, folder: string): Promise<Buffer> {
  const start = ((vmlinuz[0x1f1] ?? 0) + 1) * 512 + vmlinuz.readUInt32LE(0x248);
  const payload = vmlinuz.subarray(start, start + vmlinuz.readUInt32LE(0x24c) - 4);
  const tool = payload.readUInt32BE(0) === 0x28b52ffd ? 'zstd' : 'xz';
  const packed = join(folder, 'payload');
  await writeFile(packed, payload);
  const { stdout } = await run(tool, ['-d', '-c', packed], {
    encoding: 'buffer',
    maxBuffer: MOST_KERNEL_BYTES,
  });
  await rm(packed);
  return stdout;
}
