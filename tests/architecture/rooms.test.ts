// A house one can walk through: small rooms, and no two beside each other that need each other.
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { importsOf, read, sourceFiles } from '../support/repository.js';

const MOST_FILES = 20;
/** Catalogues: one file for each entry of a list that somebody else made. */
const CATALOGUES: readonly string[] = [];

const files = sourceFiles();
const rooms = new Map<string, string[]>();
for (const path of files) rooms.set(dirname(path), [...(rooms.get(dirname(path)) ?? []), path]);

test(`no folder has more than ${String(MOST_FILES)} files`, () => {
  const full = [...rooms].filter(
    ([room, inside]) => inside.length > MOST_FILES && !CATALOGUES.includes(room),
  );
  assert.deepEqual(
    full.map(([room, inside]) => `${room}: ${String(inside.length)}`),
    [],
  );
});

/** For each folder the imports between those that lie in it: from → to → an example. */
function neighbours(): Map<string, Map<string, Map<string, string>>> {
  const houses = new Map<string, Map<string, Map<string, string>>>();
  for (const path of files) {
    const { own, workers } = importsOf(path);
    for (const target of [...own, ...workers]) {
      const [from, to] = [path.split('/'), target.split('/')];
      let depth = 0;
      while (from[depth] === to[depth] && depth < from.length) depth += 1;
      // Both lie in folders of the house, not in the house itself.
      if (depth >= from.length - 1 || depth >= to.length - 1) continue;
      const house = from.slice(0, depth).join('/');
      const inside = houses.get(house) ?? new Map<string, Map<string, string>>();
      const seen = inside.get(from[depth] ?? '') ?? new Map<string, string>();
      seen.set(to[depth] ?? '', `${path} → ${target}`);
      inside.set(from[depth] ?? '', seen);
      houses.set(house, inside);
    }
  }
  return houses;
}

test('no folder reaches itself through its neighbours', () => {
  const circles: string[] = [];
  for (const [house, inside] of neighbours()) {
    const done = new Set<string>();
    const visit = (room: string, trail: readonly (readonly [string, string])[]): void => {
      const from = trail.findIndex(([seen]) => seen === room);
      if (from >= 0)
        circles.push(
          `${house}: ${trail
            .slice(from)
            .map(([, example]) => example)
            .join(', ')}`,
        );
      if (from >= 0 || done.has(room)) return;
      for (const [next, example] of inside.get(room) ?? []) visit(next, [...trail, [room, example]]);
      done.add(room);
    };
    for (const room of inside.keys()) visit(room, []);
  }
  assert.deepEqual(circles, []);
});

test('a file of the product does not repeat the name of its folder', () => {
  const repeating = files.filter((path) => {
    const [name = '', folder = ''] = path
      .replace(/\.tsx?$/, '')
      .split('/')
      .toReversed();
    const said = [folder, folder.replace(/s$/, '')];
    return (
      !path.startsWith('tests/') && said.some((one) => name.startsWith(`${one}-`) || name.endsWith(`-${one}`))
    );
  });
  assert.deepEqual(repeating, []);
});

test('docs/rooms.md names every room of the product, and none that is not there', () => {
  const page = read('docs/rooms.md');
  const named = (room: string): boolean =>
    page.includes(`\`${room}\``) ||
    page.includes(`\`${room}/\``) ||
    page.includes(`\`${room.split('/').at(-1) ?? ''}\``);
  const product = [...rooms.keys()].filter((room) => !room.startsWith('tests') && room.includes('/'));
  assert.deepEqual(
    product.filter((room) => !named(room)),
    [],
  );
  const paths = [...page.matchAll(/`((?:shared|bridge|gateway)\/[a-z\d/-]+?)\/?`/g)].map(
    ([, path = '']) => path,
  );
  assert.deepEqual(
    paths.filter(
      (path) => !rooms.has(path) && ![...rooms.keys()].some((room) => room.startsWith(`${path}/`)),
    ),
    [],
  );
});
