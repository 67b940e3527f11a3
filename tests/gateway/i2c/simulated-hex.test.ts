import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIntelHex } from '../../../gateway/i2c/simulated/intel-hex.js';

const END = ':00000001FF';

test('data lies where its record says, and the rest is erased', () => {
  const image = parseIntelHex(`:02000400AABB95\r\n:0100080001F6\r\n${END}\r\n`, 16);
  assert.equal(Buffer.from(image).toString('hex'), 'ffffffffaabbffff01ffffffffffffff');
});

test('segment and linear addresses move what follows, start addresses say nothing', () => {
  const image = parseIntelHex(`:020000020001FB\n:01000000AA55\n:0400000300003800C1\n${END}`, 32);
  assert.equal(image[16], 0xaa);
  assert.throws(() => parseIntelHex(`:020000040001F9\n:01000000AA55\n${END}`, 32), /line 2 lies beyond/);
});

for (const [name, text, expected] of [
  ['a text that is something else', 'void setup() {}', /line 1 is no Intel-hex record/],
  ['a wrong checksum', `:02000400AABB96\n${END}`, /line 1 has a wrong checksum/],
  ['a record of another length', `:03000400AABB94\n${END}`, /line 1 has another length/],
  ['data beyond the flash', `:02000F00AABB8A\n${END}`, /line 1 lies beyond the 16 bytes/],
  ['an unknown record type', `:00000006FA\n${END}`, /line 1 is of an unknown record type/],
  ['a file that is cut off', ':02000400AABB95\n', /no end record/],
  ['an empty file', '', /no end record/],
] as const) {
  test(`${name} is refused in words`, () => {
    assert.throws(() => parseIntelHex(text, 16), { code: 'config_invalid', message: expected });
  });
}
