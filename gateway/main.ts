#!/usr/bin/env node
// The program: from what was typed to what is run, and from an error to one sentence and an exit code.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stderr, stdout } from 'node:process';
import { asGatewayError } from '../shared/errors.js';
import { check } from './cli/check.js';
import { history } from './cli/history.js';
import { buildProgram } from './cli/program.js';
import { schema } from './cli/schema.js';
import { start } from './cli/start.js';
import { packageRoot } from './paths.js';

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  version: string;
};

/** Secrets (MONGODB_URI, MQTT_URL) may lie in a file `.env` beside the data; what the environment has goes before it. */
function loadEnvironmentFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
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
  process.exit(code);
}

try {
  loadEnvironmentFile();
  await buildProgram(version, {
    start: (options) => start(options, version),
    check,
    schema,
    history,
  }).parseAsync(argv);
  await exitWhenPrinted(0);
} catch (thrown) {
  const error = asGatewayError(thrown);
  stderr.write(`${error.code}: ${error.message}\n`);
  await exitWhenPrinted(1);
}
