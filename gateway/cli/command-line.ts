// From what was typed to what is run, and from an error to one sentence and an exit code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stderr, stdout } from 'node:process';
import { asGatewayError } from '../../shared/errors.js';
import { loadEnvironment } from './run/environment.js';
import { printFailure } from './print/failure.js';
import { buildProgram, runTyped, type Actions } from './program.js';
import { packageRoot } from '../process/paths.js';

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

/** Of a command that has an answer of its own to give by it. */
let exitCode = 0;

/** Each is loaded when it is what was typed: `check` needs neither broker nor store, and all of it takes seconds. */
const actions: Actions = {
  start: async (options) => (await import('./run/start.js')).start(options, version),
  check: async (options) => {
    exitCode = await (await import('./run/check.js')).check(options);
  },
  schema: async (what) => (await import('./run/schema.js')).schema(what, version),
  types: async (...typed) => (await import('./library/types.js')).types(...typed),
  service: async (...typed) => (await import('./run/service.js')).service(...typed),
  init: async (...typed) => (await import('./init/init.js')).init(...typed),
  history: async (...typed) => (await import('./recorded/history.js')).history(...typed),
  exportAll: async (...typed) => (await import('./recorded/export.js')).exportAll(...typed),
  logbook: async (...typed) => (await import('./recorded/logbook.js')).logbook(...typed),
  set: async (...typed) => {
    exitCode = await (await import('./devices/set.js')).set(...typed);
  },
  watch: async (...typed) => (await import('./devices/watch.js')).watch(...typed),
  alarms: async (...typed) => (await import('./alarms/list.js')).alarms(...typed),
  acknowledge: async (...typed) => {
    exitCode = await (await import('./alarms/acknowledge.js')).acknowledge(...typed);
  },
  scan: async (...typed) => (await import('./bus/raw.js')).scan(...typed),
  read: async (...typed) => (await import('./bus/raw.js')).read(...typed),
  write: async (...typed) => (await import('./bus/raw.js')).write(...typed),
  trace: async (...typed) => (await import('./bus/raw.js')).trace(...typed),
  passwd: async (...typed) => (await import('./users/passwd.js')).passwd(...typed),
  user: async (...typed) => (await import('./users/user.js')).user(...typed),
  token: async (...typed) => (await import('./users/token.js')).token(...typed),
  backup: async (...typed) => (await import('./backup/backup.js')).backup(...typed, version),
  restore: async (...typed) => (await import('./backup/restore.js')).restore(...typed),
  doctor: async (options) => {
    exitCode = await (await import('./doctor/doctor.js')).doctor(options);
  },
  completion: async (...typed) => (await import('./completion/script.js')).completion(...typed),
  names: async (...typed) => (await import('./completion/names.js')).names(...typed),
  deadLetters: async (...typed) => (await import('./recorded/dead-letters.js')).deadLetters(...typed),
};

try {
  loadEnvironment();
  await runTyped(buildProgram(version, actions), argv.slice(2));
  await exitWhenPrinted(exitCode);
} catch (thrown) {
  printFailure(asGatewayError(thrown));
  await exitWhenPrinted(1);
}
