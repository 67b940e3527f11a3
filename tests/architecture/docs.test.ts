// README and docs/ as pages: how long they are, and that what they point to is there.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseConfig } from '../../gateway/config/load.js';
import { everyPage, headings, pages, withoutCode } from '../docs/pages.js';
import { FOLDERS, filesOf, read, ROOT, sourceFiles } from '../support/repository.js';

const LONGEST_README = 10_240;
const [SHORTEST, LONGEST] = [2 * 1024, 8 * 1024];

/** Pages of another length, each with its reason. */
const OTHER_LENGTHS: Readonly<Record<string, string>> = {
  'docs/brokers.md': 'a measured table of nine brokers, and what each lacks',
  'docs/metrics.md': 'a generated table',
  'docs/shell.md': 'generated tables of every command and option',
  'docs/settings.md': 'generated tables of every setting and key',
};

const bytesOf = (path: string): number => statSync(join(ROOT, path)).size;

test('the README is read in minutes', () => {
  assert.ok(bytesOf('README.md') <= LONGEST_README, `${String(bytesOf('README.md'))} bytes`);
});

test('a page answers one question, in 2 to 8 KB', () => {
  const wrong = pages()
    .filter((path) => !(path in OTHER_LENGTHS))
    .map((path) => ({ path, bytes: bytesOf(path) }))
    .filter(({ bytes }) => bytes < SHORTEST || bytes > LONGEST);
  assert.deepEqual(wrong, []);
  assert.deepEqual(
    Object.keys(OTHER_LENGTHS).filter((path) => !pages().includes(path) || bytesOf(path) <= LONGEST),
    [],
    'needs no exception',
  );
});

test('every page is in the index, under its own heading', () => {
  const index = read('docs/README.md');
  const missing = pages().filter((path) => {
    const [title] = headings(path);
    return (
      path !== 'docs/README.md' && !index.includes(`[${title?.text ?? ''}](${path.slice('docs/'.length)})`)
    );
  });
  assert.deepEqual(missing, []);
});

test('every page is named in the README too', () => {
  const missing = pages().filter(
    (path) => path !== 'docs/README.md' && !read('README.md').includes(`(${path})`),
  );
  assert.deepEqual(missing, []);
});

test('every link of README, docs and CHANGELOG leads to a file and a heading that are there', () => {
  const broken = [...everyPage(), 'CHANGELOG.md'].flatMap((path) =>
    [...withoutCode(read(path)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target ?? '')
      .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(path, target))
      .map((target) => `${path}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('every page that a file of the code points to is there, with its heading', () => {
  const code = [...sourceFiles(), 'eslint.config.js', '.ci/run'];
  const broken = code.flatMap((path) =>
    [...read(path).matchAll(/\bdocs\/[a-z-]+\.md(?:#[a-z0-9-]+)?/g)]
      .filter(([target]) => !leadsSomewhere('README.md', target))
      .map(([target]) => `${path}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('every file of the repository that a page names is there, and what is built of one', () => {
  const path = new RegExp(`(?<![\\w/.-])(dist/)?((?:${FOLDERS.join('|')})/[\\w./-]*[\\w/])`, 'g');
  const missing = everyPage().flatMap((page) =>
    [...read(page).matchAll(path)]
      .map(([, built, name = '']) => (built === undefined ? name : name.replace(/\.js$/, '.ts')))
      .filter((name) => !existsSync(join(ROOT, name)))
      .map((name) => `${page}: ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('every example of YAML is YAML', () => {
  for (const page of everyPage())
    for (const [, text] of read(page).matchAll(/^```yaml\n([\s\S]*?)^```/gm))
      assert.doesNotThrow(
        () => parse(text ?? '', { uniqueKeys: false }) as unknown,
        `${page}:\n${text ?? ''}`,
      );
});

test('every example of a whole configuration is a sound one', () => {
  const examples = everyPage().flatMap((page) =>
    [...read(page).matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => ({ page, text })),
  );
  const whole = examples.filter(({ text }) => /^gateway:/m.test(text));
  assert.ok(whole.length >= 3);
  for (const { page, text } of whole) assert.doesNotThrow(() => parseConfig(text, page));
});

test('pictures are small', () => {
  const large = filesOf('docs').filter((path) => !path.endsWith('.md') && bytesOf(path) > 150 * 1024);
  assert.deepEqual(large, []);
});

function leadsSomewhere(from: string, target: string): boolean {
  const [name = '', anchor] = target.split('#');
  const path = name === '' ? from : normalize(join(dirname(from), name));
  if (!existsSync(join(ROOT, path))) return false;
  return anchor === undefined || headings(path).some((heading) => heading.anchor === anchor);
}
