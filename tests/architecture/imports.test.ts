import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FOLDERS, importsOf, sourceFiles } from '../support/repository.js';

const files = sourceFiles();
const imports = new Map(files.map((path) => [path, importsOf(path)]));

/** 0 for tests, 3 for shared; -1 for what lies outside the four folders. */
function place(path: string): number {
  return FOLDERS.findIndex((folder) => path.startsWith(`${folder}/`));
}

function foreignOf(folder: string): string[] {
  const ofFolder = files.filter((path) => path.startsWith(`${folder}/`));
  return [...new Set(ofFolder.flatMap((path) => imports.get(path)?.foreign ?? []))].sort();
}

test('the imports were found at all', () => {
  assert.ok(files.length > 50);
  assert.ok(imports.get('tests/architecture/imports.test.ts')?.own.includes('tests/support/repository.ts'));
  assert.ok(imports.get('tests/support/repository.ts')?.foreign.includes('node:fs'));
});

test('imports go only to the right: tests → gateway → bridge → shared', () => {
  const wrong = [...imports].flatMap(([path, { own, workers }]) =>
    [...own, ...workers]
      .filter((target) => place(target) < place(path))
      .map((target) => `${path} → ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('every file of ours that is imported exists', () => {
  const missing = [...imports].flatMap(([path, { own, workers }]) =>
    [...own, ...workers].filter((target) => !imports.has(target)).map((target) => `${path} → ${target}`),
  );
  assert.deepEqual(missing, []);
});

test('no file reaches itself through its imports, types included', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path) || trail.includes(path)) return;
    for (const target of imports.get(path)?.own ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of files) visit(path, []);
  assert.deepEqual(cycles, []);
});

test('shared imports no package but zod, and nothing of the world', () => {
  assert.deepEqual(foreignOf('shared'), ['zod']);
});

test('bridge imports no package but p-queue and zod, and nothing of the world', () => {
  assert.deepEqual(foreignOf('bridge'), ['p-queue', 'zod']);
});
