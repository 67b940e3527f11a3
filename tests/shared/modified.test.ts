// Bits of a byte that are changed while the others stay as they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../gateway/config/load.js';
import { checkArguments } from '../../shared/check-arguments.js';
import { encodeArguments } from '../../shared/codec/write/command-bytes.js';
import { changed } from '../../shared/codec/write/modified.js';

/** What becomes of the byte 0x81. */
function madeOf(type: string, value: number | boolean, more: string): number | undefined {
  const text = `gateway: test\nbuses: { main: { path: /dev/i2c-none } }\ntypes: { chip: { commands: { set: { args: { to: { type: ${type} } }, steps: [ { write: [1], read: 1, modify: { value: $to, ${more} } } ] } } } }\ndevices: { it: { type: chip, bus: main, address: 0x20 } }\n`;
  const spec = parseConfig(text, 'f.yaml').devices.get('it')?.type.commands.get('set');
  const modify = spec?.steps?.[0]?.modify;
  assert.ok(spec !== undefined && modify !== undefined);
  const encoded = encodeArguments(spec, checkArguments(spec, new Map([['to', value]])));
  return changed(Uint8Array.of(0x81), modify, encoded)[0];
}

test('true is all bits of the mask, and a number stands at its lowest', () => {
  assert.equal(madeOf('bool', true, 'mask: 0x0C'), 0x8d);
  assert.equal(madeOf('bool', false, 'mask: 0x8C'), 0x01);
  assert.equal(madeOf('bool', true, 'mask: 0x8C, invert: true'), 0x01);
  assert.equal(madeOf('bool', false, 'mask: 0x0C, invert: true'), 0x8d);
  assert.equal(madeOf('bool', true, 'mask: 0x02, ones: 0x40'), 0xc3);
  assert.equal(madeOf('uint8, max: 3', 1, 'mask: 0x0C'), 0x85);
  assert.equal(madeOf('uint8, max: 3', 3, 'mask: 0x0C'), 0x8d);
  assert.equal(madeOf('uint16le, max: 3', 2, 'mask: 0x0C'), 0x89);
  assert.equal(madeOf('int8, min: -2, max: 1', -2, 'mask: 0x0C'), 0x89);
  assert.equal(madeOf('uint8, offset: -1, min: -1, max: 2', 1, 'mask: 0x0C'), 0x89);
  assert.equal(madeOf('bcd8, max: 39', 12, 'mask: 0x3F'), 0x92);
});
