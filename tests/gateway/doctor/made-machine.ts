// A machine of files: what the kernel would show of it in /proc, /sys and /dev, below a folder.
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { Machine } from '../../../gateway/doctor/machine.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** The text of a file, its bytes, or where a link leads. */
export type MadeFile = string | Uint8Array | { readonly link: string };

export async function madeMachine(
  t: TestContext,
  files: Readonly<Record<string, MadeFile>>,
): Promise<Machine> {
  const root = await temporaryFolder(t);
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    if (typeof content === 'object' && 'link' in content) await symlink(content.link, file);
    else await writeFile(file, content);
    if (path.startsWith('dev/')) await chmod(file, 0o660);
  }
  return new Machine(root);
}

/** A Raspberry Pi 4 with its bus switched on. */
export const PI_4: Readonly<Record<string, MadeFile>> = {
  'proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.4\0',
  'sys/class/i2c-dev/i2c-1/name': 'bcm2835 (i2c@7e804000)\n',
  'sys/bus/i2c/devices/i2c-1/of_node/clock-frequency': Uint8Array.of(0, 0x01, 0x86, 0xa0),
  'dev/i2c-1': '',
  'dev/i2c-greenhouse': { link: 'i2c-1' },
  'etc/group': 'root:x:0:\ni2c:x:998:pi\n',
};
