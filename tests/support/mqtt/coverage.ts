// Whether every numbered statement of a version of MQTT has its place: in a test of one folder, by its tag, or in a list.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../gateway/process/paths.js';

export interface Places {
  /** Statement → the one whose test shows it as well. */
  readonly shownWith: Readonly<Record<string, string>>;
  /** Statement → the file whose tests show it, without its number. */
  readonly shownIn: Readonly<Record<string, string>>;
  readonly others: readonly string[];
}

export async function assertEachHasItsPlace(
  folder: string,
  all: readonly string[],
  { shownWith, shownIn, others }: Places,
): Promise<void> {
  const tests = await tagged(join(packageRoot, 'tests', 'gateway', 'broker', folder));
  const places = [...tests, ...Object.keys(shownWith), ...Object.keys(shownIn), ...others];
  assert.deepEqual(places.toSorted(), all.toSorted());
  for (const shown of Object.values(shownWith)) assert.ok(tests.has(shown), shown);
  for (const file of Object.values(shownIn)) await readFile(join(packageRoot, file));
}

async function tagged(folder: string): Promise<Set<string>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.test.ts'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  // One of 3.1.1's own numbers is written [MQTT-3-8.3-4].
  const found = texts.join('').matchAll(/\[MQTT-(\d+[.-]\d+\.\d+-\d+)\]/g);
  return new Set([...found].map(([, number = '']) => number.replace('3-8.3-', '3.8.3-')));
}
