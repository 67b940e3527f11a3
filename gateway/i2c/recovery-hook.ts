// A program of the user's that resets a bus: reloads its driver, toggles a reset line, cuts a power switch.
import { spawn } from 'node:child_process';
import type { BusConfig } from '../../shared/config/config.js';
import type { Clock, Log } from '../../shared/ports.js';

/** Of what it says, the end is kept. */
const MOST_OUTPUT_CHARS = 2_000;

type Recovery = NonNullable<BusConfig['recovery']>;

/**
 * Runs the program without a shell and without the gateway's secrets: its environment is PATH, HOME and I2C_BUS, the
 * path of the bus. Resolves with a sentence on how it ended, which is logged with its output; never rejects. It and
 * what it started are killed when its time is over or `signal` aborts.
 */
export function recoveryHook(
  { run: [program = '', ...args], withinMs }: Recovery,
  path: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): (signal: AbortSignal) => Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', I2C_BUS: path };
  return (signal) =>
    new Promise((resolve) => {
      // A process group of its own, so that what a script started ends with it.
      const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      let late = false;
      const kill = (): void => {
        if (child.pid !== undefined) killGroup(child.pid, log);
        child.stdout.destroy();
        child.stderr.destroy();
      };
      const cancel = clock.after(withinMs, () => {
        late = true;
        kill();
      });
      const ended = (how: string): void => {
        cancel();
        signal.removeEventListener('abort', kill);
        log.warn({ program, output: output.trim() }, `the recovery program ${how}`);
        resolve(`The recovery program ${how}.`);
      };
      signal.addEventListener('abort', kill, { once: true });
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          output = (output + text).slice(-MOST_OUTPUT_CHARS);
        });
      child.once('error', (error) => {
        ended(`could not be run: ${error.message}`);
      });
      child.once('close', (code, name) => {
        if (late) ended(`did not end within ${String(withinMs)} ms and was killed`);
        else ended(name === null ? `ended with exit code ${String(code)}` : `was ended by ${name}`);
      });
    });
}

function killGroup(pid: number, log: Log): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (err) {
    log.debug({ err, pid }, 'the recovery program had ended already');
  }
}
