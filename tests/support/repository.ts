// The repository as its architecture tests see it: files and the imports written in them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** From dist/tests/support/ up to the folder that holds package.json. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export const FOLDERS = ['tests', 'gateway', 'bridge', 'shared'] as const;

/** Names below the root that .gitignore keeps out of the repository. */
const NOT_OURS: ReadonlySet<string> = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', '.env']);

export function topLevel(): string[] {
  return readdirSync(ROOT).filter((name) => !NOT_OURS.has(name) && !name.endsWith('.log'));
}

/** Every file below the four folders, as a path from the root. */
export function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (NOT_OURS.has(entry.name)) return [];
    return entry.isDirectory() ? filesOf(path) : [path];
  });
}

export function sourceFiles(): string[] {
  return FOLDERS.flatMap(filesOf).filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'));
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export interface Imports {
  /** Of our own files, as paths from the root: types, re-exports and `import()` included. */
  readonly own: string[];
  /** Files started as workers: `new URL(…, import.meta.url)`. */
  readonly workers: string[];
  /** Names of packages and of node: modules. */
  readonly foreign: string[];
}

const WORKER = /new URL\(\s*'(\.[^']+\.js)',\s*import\.meta\.url/g;

export function importsOf(path: string): Imports {
  const text = read(path);
  const names = ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName);
  const resolve = (name: string): string => {
    const source = relative(ROOT, join(ROOT, dirname(path), name)).replace(/\.js$/, '.ts');
    return source.endsWith('.ts') && existsSync(join(ROOT, `${source}x`)) ? `${source}x` : source;
  };
  return {
    own: names.filter((name) => name.startsWith('.')).map(resolve),
    workers: [...text.matchAll(WORKER)].map(([, name]) => resolve(name ?? '')),
    foreign: names.filter((name) => !name.startsWith('.')),
  };
}
