#!/usr/bin/env node
// The program: from what was typed to what is run, and from an error to one sentence and an exit code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stderr } from 'node:process';
import { asGatewayError } from '../shared/errors.js';
import { check } from './cli/check.js';
import { history } from './cli/history.js';
import { buildProgram } from './cli/program.js';
import { start } from './cli/start.js';
import { packageRoot } from './paths.js';

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  version: string;
};

try {
  await buildProgram(version, { start: (options) => start(options, version), check, history }).parseAsync(
    argv,
  );
  process.exit(0);
} catch (thrown) {
  const error = asGatewayError(thrown);
  stderr.write(`${error.code}: ${error.message}\n`);
  process.exit(1);
}
