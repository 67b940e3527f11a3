// Which name was probably meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../../shared/words/nearest.js';

const NAMES = ['tank-1', 'tank-2', 'climate-1', 'lamp-1'];

test('a mistyped name finds the one that was meant, the first of equals, and a strange one none', () => {
  for (const [asked, meant] of [
    ['lamp1', 'lamp-1'],
    ['LAMP-1', 'lamp-1'],
    ['climat-1', 'climate-1'],
    ['tank-3', 'tank-1'],
    ['tank-22', 'tank-2'],
    ['lmap-1', 'lamp-1'],
    ['tnak-1', 'tank-1'],
    ['pump', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ] as const)
    assert.equal(nearest(asked, NAMES), meant, asked.slice(0, 20));
});

test('two signs in the wrong order are one mistake, also in a short name', () => {
  assert.equal(nearest('dmi', ['dim']), 'dim');
});
