// The one look of tables: how wide a text is, numbers to the right, folded at a terminal's edge and nowhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, table } from '../../../../gateway/cli/print/columns.js';
import { lookOf } from '../../../../gateway/cli/print/paint.js';
import { widthOf } from '../../../../gateway/cli/print/width.js';
import { filesOf, read } from '../../../support/repository.js';

test('numbers stand to the right, below each other; what is none of them to the left', () => {
  assert.deepEqual(
    columns([
      ['field', 'count', 'what'],
      ['a', '5', '5 mm'],
      ['level', '1200', '300'],
      ['x', '', '-'],
    ]),
    ['field  count  what', 'a          5  5 mm', 'level   1200  300', 'x             -'],
  );
});

test('a wide sign takes two columns, one that stands on another none', () => {
  assert.deepEqual(
    ['tank', '水槽', 'e\u0301', '🌱', '한', '°'].map((text) => widthOf(text)),
    [4, 4, 1, 2, 2, 1],
  );
  assert.deepEqual(
    columns([
      ['水槽', 'a'],
      ['tank1', 'b'],
    ]),
    ['水槽   a', 'tank1  b'],
  );
});

test('on a terminal the last column is folded between words; elsewhere a row is a line', () => {
  const rows = [
    ['ok', 'clock', 'it is synchronised with a server that is far away'],
    ['fail', 'disk', 'x'.repeat(60)],
  ];
  assert.deepEqual(columns(rows, undefined, 40), [
    'ok    clock  it is synchronised with a',
    '             server that is far away',
    `fail  disk   ${'x'.repeat(27)}`,
    `             ${'x'.repeat(27)}`,
    `             ${'x'.repeat(6)}`,
  ]);
  assert.equal(columns(rows).length, 2);
  assert.equal(columns(rows, undefined, 20).length, 2, 'where there is no room to fold it');
});

test('colour and width are a terminal’s, and NO_COLOR is heeded', () => {
  const of = (stream: object, variables = {}): [string, number] => {
    const { paint, widthColumns } = lookOf(stream, variables);
    return [paint('x', 'red'), widthColumns];
  };
  assert.deepEqual(of({ isTTY: true, columns: 80 }), ['\u001b[31mx\u001b[0m', 80]);
  assert.deepEqual(of({ isTTY: true, columns: 80 }, { NO_COLOR: '1' }), ['x', 80]);
  assert.deepEqual(of({ columns: 80 }), ['x', Infinity]);
  assert.deepEqual(of({ isTTY: true, columns: 0 })[1], Infinity);
  const look = lookOf({ isTTY: true, columns: 80 }, {});
  assert.deepEqual(
    table(
      [
        ['a', 'b'],
        ['long', '1'],
      ],
      look,
    ),
    ['\u001b[1ma\u001b[0m     \u001b[1mb\u001b[0m', 'long  1'],
  );
});

test('no command pads a table of its own', () => {
  const own = filesOf('gateway/cli').filter(
    (path) => path.endsWith('.ts') && /\.pad(?:End|Start)\(/.test(read(path)),
  );
  // An address of two digits, and a control character.
  assert.deepEqual(own.sort(), ['gateway/cli/init/text.ts', 'gateway/cli/print/printable.ts']);
});
