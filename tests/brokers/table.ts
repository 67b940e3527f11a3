// docs/brokers.md: the part between its markers is written from the results, the words around it by hand.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../gateway/process/paths.js';
import type { BrokerKind } from './broker-kind.js';
import { cached } from './cache.js';
import { replacePart } from '../docs/measured.js';
import { PROMISES, type Cell, type Cells, type PromiseId, type Row } from './row.js';

const PAGE = join(packageRoot, 'docs', 'brokers.md');
const BEGIN = '<!-- measured by tests/brokers: do not edit from here -->';

export async function saveRow(row: Row): Promise<void> {
  await mkdir(cached('results'), { recursive: true });
  await writeFile(fileOf(row.id), JSON.stringify(row, undefined, 2));
}

/** Of all brokers that were ever measured here, in the order of `kinds`. */
export async function writeTable(kinds: readonly BrokerKind[]): Promise<void> {
  const files = kinds.map(({ id }) => fileOf(id)).filter((file) => existsSync(file));
  const rows = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Row));
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, replacePart(page, BEGIN, tableOf(rows)));
}

/** A promise a line and a broker a column would be too wide; two tables of half the promises each are read well. */
export function tableOf(rows: readonly Row[]): string {
  const ids = Object.keys(PROMISES) as PromiseId[];
  const days = [...new Set(rows.map(({ date }) => date))].sort();
  const halves = [ids.slice(0, 5), ids.slice(5)];
  return `\nMeasured ${days.join(', ')}.\n${halves.map((half) => tableOfPromises(rows, half)).join('')}\n`;
}

function tableOfPromises(rows: readonly Row[], ids: readonly PromiseId[]): string {
  const head = ['broker', ...ids.map((id) => PROMISES[id])];
  const lines = rows.map(({ name, version, cells }) => [
    `${name} ${version}`,
    ...ids.map((id) => textOf((cells as Partial<Cells>)[id])),
  ]);
  return ['', line(head), line(head.map(() => '---')), ...lines.map(line), ''].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A row of before a promise was added lacks it until it is measured again. */
function textOf(cell: Cell | undefined): string {
  return cell === undefined ? 'not measured' : `${cell.kept ? '✓' : '✗'} ${cell.text}`;
}

function fileOf(id: string): string {
  return cached('results', `${id}.json`);
}
