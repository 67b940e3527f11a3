import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import { filesOf, FOLDERS, read, sourceFiles } from '../support/repository.js';

const WRITTEN_BY_HAND = /\.(tsx?|js|html|css|ino|java|yaml|sh)$/;

test('no file has more than 300 lines', () => {
  const long = FOLDERS.flatMap(filesOf)
    .filter((path) => WRITTEN_BY_HAND.test(path))
    .map((path) => ({ path, lines: read(path).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 300);
  assert.deepEqual(long, []);
});

test('every source file begins with a sentence on what it is for', () => {
  const silent = sourceFiles().filter(
    (path) => !path.endsWith('.test.ts') && !/^(#!.*\n)?\/[/*]/.test(read(path)),
  );
  assert.deepEqual(silent, []);
});

test('nothing is exported as default but where Node asks for it: a reporter of its test runner', () => {
  assert.deepEqual(sourceFiles().filter(hasDefaultExport), ['tests/runner/failed-files.ts']);
});

test('there are no barrels and no drawers for everything', () => {
  const drawers = sourceFiles().filter((path) =>
    /(^|\/)(index|utils?|helpers?|common|misc)(\.ts|\/)/.test(path),
  );
  assert.deepEqual(drawers, []);
});

test('the lock file names no host: where packages come from is a setting of the machine', () => {
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/);
});

function hasDefaultExport(path: string): boolean {
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
  return file.statements.some(
    (statement) =>
      ts.isExportAssignment(statement) ||
      (ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true) ||
      (ts.isExportDeclaration(statement) && exportsAsDefault(statement)),
  );
}

function exportsAsDefault({ exportClause }: ts.ExportDeclaration): boolean {
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return false;
  return exportClause.elements.some((element) => element.name.text === 'default');
}
