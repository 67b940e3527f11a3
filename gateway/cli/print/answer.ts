// What a command answers by: lines for people, or with --json one document and nothing else.
import { stdout } from 'node:process';
import { printable } from './printable.js';

export function printAnswer(
  json: boolean | undefined,
  document: unknown,
  lines: () => readonly string[],
): void {
  if (json === true) stdout.write(`${printableJson(document)}\n`);
  else for (const line of lines()) stdout.write(`${line}\n`);
}

/** JSON leaves as they are what turns the direction of writing, and the second half of the control characters. */
function printableJson(document: unknown): string {
  return JSON.stringify(document, null, 2).split('\n').map(printable).join('\n');
}
