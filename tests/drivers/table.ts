// docs/judges.md: the parts between its markers are written from what was compared, the words around them by hand.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../gateway/process/paths.js';
import { replacePart } from '../docs/measured.js';
import type { Judgement } from './judged.js';

export const PAGE = join(packageRoot, 'docs', 'judges.md');

/** The page with the table `name` made anew. */
export function withTable(name: string, judgements: readonly Judgement[]): string {
  const begin = `<!-- measured by tests/drivers (${name}): do not edit from here -->`;
  return replacePart(readFileSync(PAGE, 'utf8'), begin, tableOf(judgements));
}

/** Explanations that several share are numbered, and stand below. */
function tableOf(judgements: readonly Judgement[]): string {
  const notes = [...new Set(judgements.flatMap(({ explained }) => Object.keys(explained)))];
  const lines = judgements.map(({ chip, driver, values, same, explained }) => [
    chip,
    driver,
    String(values),
    String(same),
    Object.entries(explained)
      .map(([why, count]) => `${String(count)} [${String(notes.indexOf(why) + 1)}]`)
      .join(', '),
  ]);
  const head = ['chip', 'driver', 'values', 'the same', 'otherwise'];
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const list = notes.map((why, index) => `${String(index + 1)}. ${why}`).join('\n');
  const sum = (of: 'values' | 'same'): string => String(judgements.reduce((all, one) => all + one[of], 0));
  return `\n${table}\n\n${sum('same')} of ${sum('values')} are the same. The others:\n\n${list}\n\n`;
}
