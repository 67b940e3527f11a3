// What a device at an address may be: every chip of the library says where it can be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chipLibrary, chipText } from '../../../gateway/config/library.js';
import { addressesIn } from '../../../gateway/edit/chip-addresses.js';
import { kindsAt } from '../../../gateway/edit/kinds.js';

test('addresses are read from the words of the heading', () => {
  assert.deepEqual(addressesIn('# A chip. At 0x77 or 0x76.\nlabel: x'), [0x77, 0x76]);
  assert.deepEqual(
    addressesIn('# A chip. At 0x20 to 0x22, with an A at 0x38 to 0x39.\n'),
    [0x20, 0x21, 0x22, 0x38, 0x39],
  );
  assert.deepEqual(addressesIn('# A chip.\nlabel: x'), []);
});

test('every chip of the library can be somewhere', () => {
  const nowhere = chipLibrary.names.filter((chip) => addressesIn(chipText(chip) ?? '').length === 0);
  assert.deepEqual(nowhere, []);
});

test('those that can be there come first', () => {
  const { types, chips } = kindsAt(0x76, ['lamp'], chipLibrary, chipText);
  assert.deepEqual(types, ['lamp']);
  const fitting = chips.filter(({ fits }) => fits).map(({ chip }) => chip);
  assert.ok(fitting.includes('bme280') && !fitting.includes('sht31'));
  assert.deepEqual(
    chips.slice(0, fitting.length).map(({ chip }) => chip),
    fitting,
  );
  assert.equal(chips.length, chipLibrary.names.length);
  assert.match(chips.find(({ chip }) => chip === 'bme280')?.label ?? '', /BME280/);
});
