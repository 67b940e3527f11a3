// Folders move; what names them elsewhere moves with them: the scripts of package.json, and what tests/README.md explains.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { read, ROOT } from '../support/repository.js';

const scripts = Object.values(
  (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts,
);

/** As a path of the source: `dist/tests/system/*` is tests/system, `dist/tests/kernel/run.js` is tests/kernel/run.ts. */
function sourceOf(built: string): string {
  return built
    .replace(/^dist\//, '')
    .replace(/\/\*$/, '')
    .replace(/\.js$/, '.ts');
}

test('every folder and file of tests that a script names is there', () => {
  const named = scripts.flatMap((script) => script.match(/\bdist\/tests\/[^\s'"]+/g) ?? []).map(sourceOf);
  assert.ok(named.includes('tests/system') && named.includes('tests/kernel/run.ts'), named.join());
  assert.deepEqual(
    named.filter((path) => !existsSync(join(ROOT, path))),
    [],
  );
});

test('tests/README.md says of every folder of tests what it proves', () => {
  const folders = readdirSync(join(ROOT, 'tests'), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? entry.name : [],
  );
  const explained = [...read('tests/README.md').matchAll(/^\| `([^`/]+)\/`/gm)].map(([, name]) => name);
  assert.deepEqual(explained.toSorted(), folders.toSorted());
});
