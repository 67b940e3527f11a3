import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvOf } from '../../../gateway/web/csv.js';
import { recorded } from '../../contracts/reading-store-contract.js';

test('CSV has a header with the fields, quotes what needs it, and keeps errors and the clock’s mark in columns of their own', () => {
  const samples = [
    recorded(0, { values: { level: -1.5, 'a,b': 'say "é"\nnow', on: true } }),
    recorded(1, { values: { level: null, text: '' }, errors: { level: 'out_of_range' } }),
    recorded(2, { values: {}, clock: 'unsynchronised' }),
    recorded(3, { values: { level: null }, errors: { level: 'stale' }, clock: 'corrected' }),
  ];
  assert.deepEqual(csvOf({ device: 'tank-1', from: 0, to: 1, samples, truncated: false }), [
    'ts,boot,seq,level,"a,b",on,text,errors,clock',
    '1970-01-01T00:00:01.000Z,boot-a,0,-1.5,"say ""é""\nnow",true,,,',
    '1970-01-01T00:00:01.001Z,boot-a,1,,,,"","{""level"":""out_of_range""}",',
    '1970-01-01T00:00:01.002Z,boot-a,2,,,,,,unsynchronised',
    '1970-01-01T00:00:01.003Z,boot-a,3,,,,,"{""level"":""stale""}",corrected',
  ]);
});

test('a text that a spreadsheet would run as a formula is made harmless, a negative number is left alone', () => {
  const values = {
    '=1+1': -7,
    text: '=HYPERLINK("http://x")',
    plus: '+1',
    at: '@a',
    minus: '-a',
    tab: '\ta',
  };
  const samples = [recorded(0, { boot: '=b', values })];
  assert.deepEqual(csvOf({ device: 'tank-1', from: 0, to: 1, samples, truncated: false }), [
    "ts,boot,seq,'=1+1,text,plus,at,minus,tab,errors,clock",
    `1970-01-01T00:00:01.000Z,'=b,0,-7,"'=HYPERLINK(""http://x"")",'+1,'@a,'-a,'\ta,,`,
  ]);
});

test('points as CSV are a line for each stretch and field', () => {
  const series = { level: [[1000, 2, 1, 1.5, 2]] as const };
  assert.deepEqual(csvOf({ device: 'tank-1', from: 0, to: 1, bucketMs: 10, series, waiting: 0 }), [
    'ts,field,count,min,avg,max',
    '1970-01-01T00:00:01.000Z,level,2,1,1.5,2',
  ]);
});
