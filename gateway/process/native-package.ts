// The command that brings a package with native code, where it is missing or was built for another Node.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { packageRoot } from './paths.js';

/** What building one takes where no built one can be had. */
export const COMPILER = 'sudo apt install build-essential python3';

/** `root` is where this program lies: installed by npm it is in a `node_modules`, or else a clone. */
export function installCommand(name: string, root = packageRoot): string {
  return isInstalled(root)
    ? `npm install --prefix ${quoted(root)} --omit=dev --no-save ${asTested(name)}`
    : 'npm install';
}

/** `name@version`. The package for npm does not depend on all of them, and has the version in its `config` then. */
function asTested(name: string): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as Partial<
    Record<'optionalDependencies' | 'config', Readonly<Record<string, string>>>
  >;
  const version = manifest.optionalDependencies?.[name] ?? manifest.config?.[name];
  return version === undefined ? name : `${name}@${version}`;
}

export function rebuildCommand(name: string, root = packageRoot): string {
  return isInstalled(root) ? `npm rebuild --prefix ${quoted(root)} ${name}` : `npm rebuild ${name}`;
}

/** Whether what an import rejected with says that there is no such package. */
export function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
}

function isInstalled(root: string): boolean {
  return basename(dirname(root)) === 'node_modules';
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
