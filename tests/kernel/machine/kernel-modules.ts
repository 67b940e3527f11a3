// The kernel's modules in the order in which they can be loaded, as depmod would find it.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MOST_MODULE_BYTES = 64 * 1024 * 1024;

export interface KernelModule {
  /** As insmod and modprobe know it, with hyphens. */
  readonly name: string;
  readonly content: Buffer;
}

/** The modules of these names and all that they need, each behind what it needs. Rejects where one is not in `folder`. */
export async function modulesInOrder(folder: string, names: readonly string[]): Promise<KernelModule[]> {
  const files = new Map<string, string>();
  for (const path of await readdir(folder, { recursive: true }))
    if (/\.ko(\.xz)?$/.test(path)) files.set(basename(path).replace(/\.ko.*$/, ''), join(folder, path));
  const loaded = new Map<string, KernelModule>();
  const load = async (name: string): Promise<void> => {
    if (loaded.has(name)) return;
    const file = files.get(name);
    if (file === undefined)
      throw new Error(`the kernel package has no module ${name} where it was looked for`);
    const content = await contentOf(file);
    for (const needed of dependenciesOf(content, files)) await load(needed);
    loaded.set(name, { name, content });
  };
  for (const name of names) await load(name);
  return [...loaded.values()];
}

async function contentOf(file: string): Promise<Buffer> {
  if (!file.endsWith('.xz')) return readFile(file);
  const { stdout } = await run('xz', ['-d', '-c', file], {
    encoding: 'buffer',
    maxBuffer: MOST_MODULE_BYTES,
  });
  return stdout;
}

/** From the `.modinfo` section: `depends=a,b`. There a name may have underscores where its file has hyphens. */
function dependenciesOf(content: Buffer, files: ReadonlyMap<string, string>): string[] {
  const begin = content.indexOf('\0depends=') + '\0depends='.length;
  const text = content.toString('latin1', begin, content.indexOf(0, begin));
  const names = text === '' ? [] : text.split(',');
  return names.map((name) => (files.has(name) ? name : name.replaceAll('_', '-')));
}
