// Two builds in the same run: a bench of another checkout and of this one by turns, and every figure of both side by side:
// node dist/tests/bench/against.js <the other checkout, built> <bench> [rounds] [the bench's own arguments …]
// Medians. Figures only, nothing here passes or fails; whether more is better depends on the figure.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { argv, exit, stdout } from 'node:process';
import { packageRoot } from '../../gateway/process/paths.js';

const [other, bench = '', rounds = '5', ...args] = argv.slice(2);
if (other === undefined || bench === '') {
  console.error('node dist/tests/bench/against.js <the other checkout> <bench> [rounds] [arguments …]');
  exit(2);
}

/** Of a line with its numbers taken out: each number of each round. */
type Figures = Map<string, number[][]>;

const NUMBER = /(?<![\w.→])\d[\d,]*(?:\.\d+)?(?![\w→])/g;
const theirs: Figures = new Map();
const ours: Figures = new Map();
for (let round = 0; round < Number(rounds); round += 1) {
  // Who goes first changes: a machine that slows down is nobody's fault.
  const turns: [string, Figures][] = [
    [other, theirs],
    [packageRoot, ours],
  ];
  for (const [root, figures] of round % 2 === 0 ? turns : turns.toReversed()) note(await run(root), figures);
}
for (const [line, values] of ours) say(line, theirs.get(line), values);

function run(root: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('node', [join(root, 'dist', 'tests', 'bench', `${bench}.js`), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString());
      else reject(new Error(`${bench} in ${root} ended with ${String(code)}`));
    });
  });
}

function note(output: string, figures: Figures): void {
  for (const line of output.split('\n')) {
    const values = line.match(NUMBER)?.map((text) => Number(text.replaceAll(',', '')));
    if (values === undefined) continue;
    const kept = figures.get(line.replace(NUMBER, '#')) ?? [];
    kept.push(values);
    figures.set(line.replace(NUMBER, '#'), kept);
  }
}

function say(line: string, before: number[][] | undefined, after: number[][]): void {
  stdout.write(`${line}\n`);
  if (before === undefined) {
    stdout.write('    the other one has no such line\n');
    return;
  }
  for (const index of (after[0] ?? []).keys()) {
    const [was, is] = [median(before, index), median(after, index)];
    stdout.write(`    ${String(was)} → ${String(is)}: ${(is / was).toFixed(3)}\n`);
  }
}

function median(rows: number[][], index: number): number {
  const sorted = rows.map((row) => row[index] ?? Number.NaN).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
