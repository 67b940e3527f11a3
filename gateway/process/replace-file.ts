// A small file that is written anew as a whole: after a crash or a power cut it is the old one or the new one.
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Durable when it resolves. Rejects with the system's error. One at a time for each path. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  const folder = await open(dirname(path));
  await folder.sync().finally(async () => folder.close());
}
