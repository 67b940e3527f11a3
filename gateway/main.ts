#!/usr/bin/env node
// The program: from what was typed to what is run, and from an error to one sentence and an exit code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stderr, stdout } from 'node:process';
import { asGatewayError } from '../shared/errors.js';
import { check } from './cli/check.js';
import { deadLetters } from './cli/dead-letters.js';
import { loadEnvironment } from './cli/environment.js';
import { exportAll } from './cli/export.js';
import { history } from './cli/history.js';
import { passwd } from './cli/passwd.js';
import { logbook } from './cli/logbook.js';
import { buildProgram } from './cli/program.js';
import { read, scan, trace, write } from './cli/raw.js';
import { schema } from './cli/schema.js';
import { start } from './cli/start.js';
import { user } from './cli/user.js';
import { packageRoot } from './paths.js';

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  version: string;
};

/**
 * Whoever read what is printed may be gone (`| head`, a closed terminal), or the disk behind it full. Unheard, that is
 * an error that ends the process; but a gateway works on without a terminal: its log is in its files as well.
 */
let unprinted: NodeJS.ErrnoException | undefined;
for (const stream of [stdout, stderr]) {
  stream.on('error', (error) => {
    unprinted ??= error;
  });
}

/** A pipe takes some 100 KB at once: what `history` prints beyond that would be cut off by an exit right away. */
async function exitWhenPrinted(code: number): Promise<never> {
  for (const stream of [stdout, stderr]) {
    await new Promise<void>((resolve) => {
      stream.write('', () => {
        resolve();
      });
    });
  }
  // A reader that has seen enough is no failure.
  if (unprinted === undefined || unprinted.code === 'EPIPE') process.exit(code);
  stderr.write(`internal: not everything could be printed: ${unprinted.message}\n`);
  process.exit(1);
}

try {
  loadEnvironment();
  await buildProgram(version, {
    start: (options) => start(options, version),
    check,
    schema,
    ...{ history, exportAll },
    logbook,
    ...{ scan, read, write, trace },
    passwd,
    user,
    deadLetters,
  }).parseAsync(argv);
  await exitWhenPrinted(0);
} catch (thrown) {
  const error = asGatewayError(thrown);
  stderr.write(`${error.code}: ${error.message}\n`);
  await exitWhenPrinted(1);
}
