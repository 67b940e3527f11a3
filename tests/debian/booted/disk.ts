// The disk of a test machine: an ext4 file system made of a folder, and a first process that starts systemd on it.
import { chmod, mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchivedFile, cpioOf } from '../../kernel/machine/cpio.js';
import type { UnpackedKernel } from '../../kernel/machine/debian-kernel.js';
import { modulesInOrder } from '../../kernel/machine/kernel-modules.js';
import { run } from '../clean-root.js';

const DISK_BYTES = 2 ** 31;
const MODULES = ['virtio_pci', 'virtio_blk', 'crc32c_generic', 'ext4'];
const SERVICES = 'etc/systemd/system';

/** Nobody logs in, but for a shell at the second serial line: it reads commands there, and says what they say. */
const SHELL = `[Unit]
Description=commands of the test
[Service]
ExecStart=/bin/sh -c 'stty -F /dev/ttyS1 raw -echo; exec /bin/sh </dev/ttyS1 >/dev/ttyS1 2>&1'
Environment=PS1= PS2= HOME=/root DEBIAN_FRONTEND=noninteractive
Restart=always
[Install]
WantedBy=multi-user.target
`;

/** Gives a root folder what a test asks it by; the watchdog a shorter patience, as the test waits for it; the start a longer one. */
export async function furnish(root: string): Promise<void> {
  const dropIns = join(root, SERVICES, 'i2c-mqtt-gateway.service.d');
  const wants = join(root, SERVICES, 'multi-user.target.wants');
  for (const folder of [dropIns, wants]) await mkdir(folder, { recursive: true });
  await writeFile(join(root, SERVICES, 'test-shell.service'), SHELL);
  await symlink(`/${SERVICES}/test-shell.service`, join(wants, 'test-shell.service'));
  await writeFile(join(dropIns, 'test.conf'), '[Service]\nWatchdogSec=20\nTimeoutStartSec=300\n');
  await writeFile(join(root, 'etc/machine-id'), '0123456789abcdef0123456789abcdef\n');
  await writeFile(join(root, 'etc/hostname'), 'guest\n');
}

export async function makeDisk(root: string, file: string): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, '');
  await chmod(file, 0o600);
  await truncate(file, DISK_BYTES);
  const made = await run('mkfs.ext4', ['-q', '-F', '-d', root, file]);
  if (made.code !== 0) throw new Error(`mkfs.ext4: ${made.output}`);
}

/** What the machine finds in its memory. */
export async function firstMemory(kernel: UnpackedKernel): Promise<Buffer> {
  const modules = await modulesInOrder(kernel.folder, MODULES);
  const files: ArchivedFile[] = [
    ...['bin', 'dev', 'modules', 'root'].map((path): ArchivedFile => ({ path, content: 'folder' })),
    { path: 'bin/busybox', content: await readFile(kernel.busybox) },
    ...modules.map(({ name, content }) => ({ path: `modules/${name}.ko`, content })),
    { path: 'init', content: Buffer.from(script(modules.map(({ name }) => name))) },
  ];
  return cpioOf(files);
}

function script(modules: readonly string[]): string {
  return `#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
exec >/dev/console 2>&1
${modules.map((name) => `insmod /modules/${name}.ko || echo "THE MODULE ${name} DOES NOT LOAD"`).join('\n')}
while [ ! -b /dev/vda ]; do sleep 0.1; done
mount -t ext4 /dev/vda /root
mount -t devtmpfs dev /root/dev
exec switch_root /root /lib/systemd/systemd
`;
}
