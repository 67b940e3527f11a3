// What the short way in reads of a PUBLISH's properties is what was written; whatever is odd it leaves to aedes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodedOwn, encodedProperties } from '../../../../gateway/broker/mqtt/message-properties.js';
import type { ParsedProperties } from '../../../../gateway/broker/mqtt/message-properties.js';
import { readProperties } from '../../../../gateway/broker/mqtt/properties-reader.js';

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\0'));
const pairs = fc.array(fc.tuple(fc.oneof(text, fc.constant('__proto__')), text), {
  minLength: 1,
  maxLength: 5,
});
const properties = fc.record(
  {
    payloadFormatIndicator: fc.boolean(),
    contentType: text,
    responseTopic: text.filter((value) => value !== '' && !/[+#]/.test(value)),
    correlationData: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    userProperties: pairs,
  },
  { requiredKeys: [] },
);

function read(...bytes: readonly (Uint8Array | readonly number[])[]): ParsedProperties | undefined {
  // Among other bytes: where it ends is said, not seen.
  const block = Buffer.concat(bytes.map((part) => Buffer.from(part)));
  const all = Buffer.concat([Buffer.from([1, 2, 3]), block, Buffer.from([0x26, 0, 1])]);
  return readProperties(all, 3, 3 + block.length);
}

test('what was written is read', () => {
  fc.assert(
    fc.property(properties, fc.option(fc.nat(), { nil: undefined }), (written, expiryS) => {
      const expiry = expiryS === undefined ? {} : { messageExpiryInterval: expiryS };
      assert.deepEqual(read(encodedOwn({ expiryS }), encodedProperties(written)), { ...written, ...expiry });
    }),
  );
});

test('what ends too soon, or has another byte in it, is left alone or read as it stands', () => {
  fc.assert(
    fc.property(properties, fc.nat(), fc.nat(255), (written, at, byte) => {
      const whole = Buffer.concat([encodedProperties(written), encodedOwn({ expiryS: 9 })]);
      const changed = Buffer.from(whole);
      changed[at % whole.length] = byte;
      for (const bytes of [whole.subarray(0, at % whole.length), changed]) {
        const found = read(bytes);
        // Of those that were read each byte has been: nothing is lost on the way out.
        if (found !== undefined)
          assert.equal(
            encodedProperties(found).length + encodedOwn({ expiryS: found.messageExpiryInterval }).length,
            bytes.length,
          );
      }
    }),
  );
});

for (const [what, bytes] of [
  ['a topic alias', [0x23, 0, 1]],
  ['a subscription identifier', [0x0b, 1]],
  ['one that is none', [0x7f, 1]],
  ['a payload format that is none', [0x01, 2]],
  ['a payload format twice', [0x01, 1, 0x01, 1]],
  ['an expiry twice', [0x02, 0, 0, 0, 1, 0x02, 0, 0, 0, 1]],
  ['a content type twice', [0x03, 0, 1, 97, 0x03, 0, 1, 97]],
  ['a response topic twice', [0x08, 0, 1, 97, 0x08, 0, 1, 97]],
  ['a response topic of no characters', [0x08, 0, 0]],
  ['correlation data twice', [0x09, 0, 0, 0x09, 0, 0]],
  ['text with U+0000', [0x03, 0, 1, 0]],
  ['text that is not UTF-8', [0x03, 0, 1, 0xff]],
  ['a pair without a value', [0x26, 0, 1, 97]],
] as const)
  test(`${what} is for aedes`, () => {
    assert.equal(read(bytes), undefined);
    // Nothing stands behind it, either.
    assert.equal(readProperties(Buffer.from([bytes[0]]), 0, 1), undefined);
  });
