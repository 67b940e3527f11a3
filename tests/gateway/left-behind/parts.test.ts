// What of a message's parts is gone is remembered, until it is there again, and within a bound.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partsOf } from '../../../gateway/left-behind/parts.js';

const told = (topic: string, ...parts: string[]): { topic: string; shape: string; parts: string[] } => ({
  ...{ topic, shape: '' },
  parts,
});

test('a part that goes is gone in every later run, until it is back', () => {
  const first = partsOf([told('a', 'x', 'y')]);
  assert.deepEqual([...first.gone], []);
  const second = partsOf([told('a', 'x', 'z')], first.kept);
  assert.deepEqual([...second.gone], [['a', ['y']]]);
  const third = partsOf([told('a', 'x')], second.kept);
  assert.deepEqual([...third.gone], [['a', ['z', 'y']]]);
  const fourth = partsOf([told('a', 'y', 'x')], third.kept);
  assert.deepEqual([...fourth.gone], [['a', ['z']]]);
});

test('a topic that goes is gone with all its parts', () => {
  const { kept } = partsOf([told('a', 'x'), told('b', 'y')]);
  assert.deepEqual([...partsOf([told('a', 'x')], kept).gone], [['b', ['y']]]);
  assert.deepEqual(
    [...partsOf([], kept).gone],
    [
      ['a', ['x']],
      ['b', ['y']],
    ],
  );
});

test('topics without parts are none of its business', () => {
  assert.deepEqual(partsOf([{ topic: 'state', shape: 'x' }]), { gone: new Map(), kept: undefined });
});

test('what has been gone the longest is forgotten first', () => {
  const many = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${name}${String(index)}`);
  const { kept } = partsOf([told('a')], { a: [...many('new', 1500), ...many('old', 1500)] });
  assert.equal(kept?.['a']?.length, 2000);
  assert.ok(kept['a'].includes('new1499') && !kept['a'].includes('old600'));
});
