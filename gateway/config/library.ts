// The chips that come with the program: one YAML file each, with the name of its data sheet.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Library } from '../../shared/config/resolve/bases.js';
import { libraryFolder } from '../process/paths.js';

const ENDING = '.yaml';

/** A chip is read when a configuration uses it. */
export const chipLibrary: Library = {
  get names() {
    return readdirSync(libraryFolder)
      .flatMap((file) => (file.endsWith(ENDING) ? [file.slice(0, -ENDING.length)] : []))
      .sort();
  },
  read: (name) => {
    const text = chipText(name);
    return text === undefined ? undefined : (parse(text) as unknown);
  },
};

/** As its file has it; undefined where there is none. */
export function chipText(name: string): string | undefined {
  const file = join(libraryFolder, `${name}${ENDING}`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
