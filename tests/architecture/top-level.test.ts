import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topLevel } from './repository.js';

const OUR_TOP_LEVEL = [
  'bridge',
  'gateway',
  'shared',
  'tests',
  'package.json',
  'tsconfig.json',
  'mosquitto.conf',
  'README.md',
];
/** Beside ours only what tools look for there. */
const TOOLS_TOP_LEVEL = [
  '.ci',
  '.gitignore',
  '.prettierrc.json',
  'LICENSE',
  'eslint.config.js',
  'package-lock.json',
];
test('the top level of the repository is exactly the fixed list', () => {
  assert.deepEqual(topLevel().sort(), [...OUR_TOP_LEVEL, ...TOOLS_TOP_LEVEL].sort());
});
