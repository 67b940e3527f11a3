// What a payload that is no JSON is told: which byte, and what to do; and what of it is kept all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonFaults } from '../../../bridge/payload/json-fault.js';
import { parseJson } from '../../../bridge/payload/payload.js';
import { parseTelemetry } from '../../../bridge/recording/payload.js';

const NOW = 1_767_000_000_000;
const sampleOf = (text: string): ReturnType<typeof parseTelemetry> =>
  parseTelemetry(Buffer.from(text), 'greenhouse', 'station', NOW);

void test('the message names the byte and what to do', () => {
  const cases: readonly (readonly [string | Buffer, RegExp])[] = [
    ['{"values":{"t":nan}}', /byte 15 is nan, which is no number; send null, or leave it out/],
    ['{"values":{"°":-nan(0x8)}}', /byte 16 is -nan\(0x8\), which/],
    ['{"a":-inf}', /byte 5 is -inf/],
    ['{"a":1}\0{"b":2}', /byte 7 is a NUL with more behind it; send only the text/],
    ['{"a":1', /it ends at byte 6, before it is complete/],
    ["{'a':1}", /byte 1, 0x27 \('\), does not belong there/],
    ['{"a":1,}', /byte 7, 0x7d \(}\)/],
    ['{"a":01}', /byte 6, 0x31 \(1\)/],
    ['{"a":"x\ny"}', /byte 7, 0x0a, does/],
    ['{"a":"x\\q"}', /byte 7, 0x5c/],
    ['21,5', /byte 2, 0x2c/],
    ['\u{feff}{"a":}', /byte 8, 0x7d/],
    ['\0\0', /nothing but NULs/],
    [Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x7d]), /not UTF-8: byte 2 is 0xe9/],
  ];
  for (const [payload, message] of cases)
    assert.throws(() => parseJson(Buffer.from(payload)), { code: 'bad_json', message }, String(payload));
});

void test('the NUL that a C string ends with is no part of the text', () => {
  assert.deepEqual(parseJson(Buffer.from('{"a":1}\0')), { a: 1 });
  assert.equal(parseJson(Buffer.from('128\0\0\0')), 128);
  assert.deepEqual(sampleOf('{"values":{"a":1}}\0').values, { a: 1 });
});

void test('a number that is none costs its field, not its sample', () => {
  const text = '{"values":{"a":nan,"b":21.5,"c":-inf,"d":"nan","e":[],"f":NaN}}'.replace('"e":[],', '');
  const { values, errors } = sampleOf(text);
  assert.deepEqual(values, { a: null, b: 21.5, c: null, d: 'nan', f: null });
  assert.deepEqual(errors, { a: 'not_a_number', c: 'not_a_number', f: 'not_a_number' });
  assert.deepEqual(sampleOf('{"values":{"a":nan},"errors":{"a":"broken"}}').errors, { a: 'broken' });
  assert.throws(() => sampleOf('{"ts":nan,"values":{"a":1}}'), { code: 'bad_payload', message: /ts/ });
  assert.throws(() => sampleOf('{"values":{"a":nan,}}'), { code: 'bad_json', message: /byte 15 is nan/ });
  // Of a command or a request nothing is guessed.
  assert.throws(() => parseJson(Buffer.from('{"args":{"speed":nan}}')), { code: 'bad_json' });
});

void test('names that no store could keep apart are refused in words', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{"values":{"__proto__":1,"a":4}}', /values: a field cannot be called __proto__/],
    ['{"values":{"a":4},"errors":{"__proto__":"x"}}', /errors: a field cannot be called __proto__/],
    ['{"boot":"\\ud800","seq":1,"values":{"a":4}}', /boot: has half a character in it/],
    ['{"boot":"a\\u0000","seq":1,"values":{"a":4}}', /boot: /],
    ['{"values":{"\\udc00":4}}', /values.*half a character/],
  ];
  for (const [payload, message] of cases)
    assert.throws(() => sampleOf(payload), { code: 'bad_payload', message }, payload);
  const { values, identity } = sampleOf('{"boot":"\\ud83d\\ude00","seq":1,"values":{"constructor":4}}');
  assert.deepEqual(values, { constructor: 4 });
  assert.deepEqual(identity, { boot: '😀', seq: 1 });
});

void test('a place is named for what JSON.parse refuses, and for nothing else', () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const holds = (text: string): void => {
    const { noNumbers, at } = jsonFaults(text);
    assert.equal(noNumbers.length === 0 && at === undefined, isJson(text), JSON.stringify(text));
  };
  const piece = fc.constantFrom(
    ...'{}[],:"\\ n0-1.eE+'.split(''),
    '"a"',
    'nan',
    'inf',
    'true',
    'null',
    '\u0001',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      holds(pieces.join(''));
    }),
    {
      numRuns: 20_000,
    },
  );
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (text, at, put) => {
      holds(text);
      const place = at % (text.length + 1);
      holds(text.slice(0, place) + put + text.slice(place + 1));
    }),
    { numRuns: 3000 },
  );
  holds('['.repeat(30_000) + ']'.repeat(30_000));
  holds(`"${'x'.repeat(60_000)}"`);
});
