// Where a path leads when all its links are followed, also where nothing is at the end of them yet.
import { readlinkSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** As many as Linux follows: path_resolution(7). */
const MOST_LINKS = 40;

/** Absolute. Throws what reading a link throws, but for what is missing. */
export function linkTarget(path: string): string {
  let here = resolve(path);
  for (let links = 0; links < MOST_LINKS; links++) {
    const real = unless(['ENOENT'], () => realpathSync(here));
    if (real !== undefined) return real;
    // EINVAL: it is no link.
    const next = unless(['ENOENT', 'EINVAL'], () => readlinkSync(here));
    if (next === undefined) return here;
    here = resolve(dirname(here), next);
  }
  return here;
}

function unless<T>(codes: readonly string[], look: () => T): T | undefined {
  try {
    return look();
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code))) return undefined;
    throw thrown;
  }
}
