// What the test machine finds in its memory when it starts: a shell, the modules, and the script that is its first process.
import { readFile } from 'node:fs/promises';
import { KERNEL_CHIPS } from '../drivers/kernel-chips.js';
import { type ArchivedFile, cpioOf } from './cpio.js';
import type { UnpackedKernel } from './debian-kernel.js';
import { modulesInOrder } from './kernel-modules.js';

/** The port at which QEMU's isa-debug-exit takes the exit code. */
export const EXIT_PORT = 0xf4;
export const SHARED_ROOT = 'host';

/** What is needed to see the host's files, the I²C adapters (two on USB/IP, one made of memory), and drivers of chips. */
const MODULES = [
  'virtio_pci',
  '9pnet_virtio',
  '9p',
  'virtio_net',
  'i2c-dev',
  'vhci-hcd',
  'i2c-tiny-usb',
  'i2c-robotfuzz-osif',
  'i2c-stub',
  ...new Set(KERNEL_CHIPS.map(({ module }) => module)),
];
/** Without an address i2c-stub refuses to load. */
const PARAMETERS: Readonly<Record<string, string>> = { 'i2c-stub': 'chip_addr=0x20' };

/** The archive with all of it. `command` is run by a shell, in the host's root, which can't be written to. */
export async function firstRoot(kernel: UnpackedKernel, command: string): Promise<Buffer> {
  const modules = await modulesInOrder(kernel.folder, MODULES);
  const files: ArchivedFile[] = [
    ...['bin', 'dev', 'modules', 'root'].map((path): ArchivedFile => ({ path, content: 'folder' })),
    { path: 'bin/busybox', content: await readFile(kernel.busybox) },
    ...modules.map(({ name, content }) => ({ path: `modules/${name}.ko`, content })),
    { path: 'command', content: Buffer.from(command) },
    { path: 'init', content: Buffer.from(script(modules.map(({ name }) => name))) },
  ];
  return cpioOf(files);
}

/** /dev/shm is the one place that can be written to: the repository may lie anywhere else, /tmp included. */
function script(modules: readonly string[]): string {
  return `#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
exec >/dev/console 2>&1
insert() { insmod "/modules/$@" || echo "THE MODULE $1 DOES NOT LOAD"; }
${modules.map((name) => `insert ${name}.ko ${PARAMETERS[name] ?? ''}`).join('\n')}
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 ${SHARED_ROOT} /root
mount -t proc proc /root/proc
mount -t sysfs sys /root/sys
mount -t devtmpfs dev /root/dev
mkdir -p /root/dev/shm
mount -t tmpfs shm /root/dev/shm
ip link set lo up
ip address add 10.0.2.15/24 dev eth0
ip link set eth0 up
cp /command /root/dev/shm/command
export PATH=/usr/local/bin:/usr/bin:/bin HOME=/dev/shm TMPDIR=/dev/shm NO_COLOR=1
/bin/chroot /root /bin/sh /dev/shm/command
code=$?
export PATH=/bin
[ $code = 0 ] || dmesg | tail -n 30
printf "\\\\$(printf %o $code)" | dd of=/dev/port bs=1 seek=${EXIT_PORT} 2>/dev/null
`;
}
