// What people type is what is sent, wherever they live: a comma is a decimal mark, and what could be read in two ways is no number.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberText, typedNumber } from '../../../../../gateway/web/page/words/numbers.js';

test('3,5 and 3.5 are the same number, and never 35', () => {
  for (const text of ['3,5', '3.5', ' 3,5 ', '+3,50', '35e-1']) assert.equal(typedNumber(text), 3.5, text);
  assert.deepEqual(['-,5', '−0.5', '0,', '1e3'].map(typedNumber), [-0.5, -0.5, 0, 1000]);
});

test('what is no number, or two at once, is refused', () => {
  const wrong = [
    '',
    ' ',
    '1.000,5',
    '1,000.5',
    '1,2,3',
    '3 5',
    '0x10',
    'NaN',
    'Infinity',
    '1e999',
    '5 %',
    '--1',
  ];
  assert.deepEqual(
    wrong.filter((text) => typedNumber(text) !== undefined),
    [],
  );
});

test('what is shown is what can be typed again', () => {
  for (const locale of ['en-GB', 'de-DE', 'de-CH', 'en-IN'])
    for (const value of [0, -3.25, 1234567.5, 0.001, 99_999_999, 0.000_012_345_6, 1.25e-9, -3.5e15])
      assert.equal(typedNumber(numberText(value, locale, 15)), value, `${String(value)} in ${locale}`);
  assert.equal(numberText(21.4567, 'de-DE'), '21,457');
  assert.equal(numberText(0.000_012_341, 'en-GB'), '0.00001234');
});

test('a small number keeps what tells it from another, with the mark of its language', () => {
  const texts = [0.0046, 0.0014, 0.0095, 0.00095, 1.25e-9].map((value) => numberText(value, 'de-DE'));
  assert.deepEqual(texts, ['0,0046', '0,0014', '0,0095', '0,00095', '1,25E-9']);
  assert.equal(numberText(0.034_567_89, 'en-GB'), '0.03457');
});
