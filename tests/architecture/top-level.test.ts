import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topLevel } from '../support/repository.js';

const OUR_TOP_LEVEL = [
  'bridge',
  'docs',
  'gateway',
  'packaging',
  'shared',
  'tests',
  'package.json',
  'tsconfig.json',
  'mosquitto.conf',
  'README.md',
  'CHANGELOG.md',
];
/** There where somebody has found something. */
const MAY_BE_THERE = ['findings'];
/** Beside ours only what tools look for there. */
const TOOLS_TOP_LEVEL = [
  '.ci',
  '.editorconfig',
  '.gitignore',
  '.prettierrc.json',
  'LICENSE',
  'eslint.config.js',
  'package-lock.json',
];
test('the top level of the repository is exactly the fixed list', () => {
  const there = topLevel().filter((name) => !MAY_BE_THERE.includes(name));
  assert.deepEqual(there.sort(), [...OUR_TOP_LEVEL, ...TOOLS_TOP_LEVEL].sort());
});
