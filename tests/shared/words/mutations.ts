// Every place of a piece of data, with something else in it: nothing, another kind, a near miss.

const OTHERS: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    'yes',
    'off',
    '',
    'int16',
    '1,5',
    '10min',
    '1',
    0,
    1,
    -1,
    0.5,
    99_999_999,
    2 ** 60,
  ],
  ...[NaN, Infinity, 'x'.repeat(2000), [], [1], ['x'], [[]], {}, { kind: 'md5' }, { x: 1 }, { max: '2 h' }],
  [1, 2, 3, 'x'],
];

type Others = () => readonly unknown[];

/** So many of them for a place, and the next for the next: all come many times where there are many places. */
export function turning(count: number): Others {
  let at = 0;
  return () => {
    at = (at + count) % OTHERS.length;
    return [...OTHERS, ...OTHERS].slice(at, at + count);
  };
}

/** Each a copy. */
export function* mutationsOf(data: unknown, others: Others = () => OTHERS): Generator {
  for (const other of others()) yield other;
  if (Array.isArray(data))
    for (const [index, child] of data.entries())
      for (const changed of mutationsOf(child, others)) yield data.with(index, changed);
  else if (typeof data === 'object' && data !== null) {
    yield { ...data, evry: 1, [' ']: 2 };
    for (const [key, child] of Object.entries(data))
      for (const changed of mutationsOf(child, others)) yield { ...data, [key]: changed };
  }
}
