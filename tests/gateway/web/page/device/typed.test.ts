// What stands in a command's form before anybody has touched it: what is so now, where that can be sent, else the default.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstTyped } from '../../../../../gateway/web/page/device/typed.js';
import type { ShownArgument } from '../../../../../gateway/web/page/live/model.js';
import { readMeta } from '../../../../../gateway/web/page/live/read-device.js';
import { encodeJson } from '../../../../../shared/messages.js';
import type { Value } from '../../../../../shared/sample.js';

/** As the page reads it from its device's meta. */
function argumentOf(said: object): ShownArgument {
  const meta = readMeta('d', encodeJson({ commands: { c: { args: { a: said } } } }));
  const [argument] = meta.commands.get('c')?.args ?? [];
  assert.ok(argument !== undefined);
  return argument;
}

const first = (said: object, now?: Value): string | boolean => firstTyped(argumentOf(said), now, 'en');

test('one of some names begins with the one that is so, else with its default, else with the first', () => {
  const names = { type: 'string', names: ['off', 'slow', 'fast'] };
  assert.equal(first({ ...names, default: 'slow' }, 'fast'), 'fast');
  assert.equal(first({ ...names, default: 'slow' }, 'broken'), 'slow');
  assert.equal(first(names, null), 'off');
});

test('a text begins with what is so, else with its default', () => {
  assert.equal(first({ type: 'string', default: 'hello' }, 'now'), 'now');
  assert.equal(first({ type: 'string', default: 'hello' }, 5), 'hello');
  assert.equal(first({ type: 'string' }), '');
});

test('names and a default that are not as they should be are none', () => {
  const { names, fallback } = argumentOf({ type: 'string', names: [1, {}], default: 3 });
  assert.deepEqual([names, fallback], [undefined, undefined]);
  assert.deepEqual(argumentOf({ type: 'string', names: ['a', 2] }).names, ['a']);
  const many = Array.from({ length: 257 }, String);
  assert.equal(argumentOf({ type: 'string', names: many }).names, undefined, 'one of so many is typed');
  assert.equal(first({ type: 'number', min: 2, default: 'x' }), '2');
});
