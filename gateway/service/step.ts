// What is done to the machine, one thing at a time: said before it is done, and only said in a dry run.
import { execFile } from 'node:child_process';
import { GatewayError } from '../../shared/errors.js';

export interface Step {
  /** What is done, as a person would: mostly the command that does the same. */
  readonly says: string;
  run(): Promise<void>;
}

const DEADLINE_MS = 120_000;
const MOST_OUTPUT_BYTES = 1024 * 1024;
const MOST_CHARS_SHOWN = 2_000;

/** Rejects with what the first step that fails rejects with; those behind it are not done. */
export async function runSteps(
  steps: readonly Step[],
  { isDryRun, say }: { readonly isDryRun: boolean; readonly say: (line: string) => void },
): Promise<void> {
  for (const step of steps) {
    say(isDryRun ? `would: ${step.says}` : step.says);
    if (!isDryRun) await step.run();
  }
}

/** A program of the machine; rejects with service_failed and what it said. `env` has the PATH where it is looked for. */
export function programStep(env: NodeJS.ProcessEnv, program: string, ...words: readonly string[]): Step {
  const says = [program, ...words].join(' ');
  return { says, run: () => runProgram(env, says, program, words) };
}

function runProgram(
  env: NodeJS.ProcessEnv,
  says: string,
  program: string,
  words: readonly string[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { cwd: '/', env, timeout: DEADLINE_MS, maxBuffer: MOST_OUTPUT_BYTES };
    execFile(program, words, options, (cause, stdout, stderr) => {
      if (cause === null) {
        resolve();
        return;
      }
      const said = `${stderr}${stdout}`.trim().slice(0, MOST_CHARS_SHOWN);
      const sentence = `${says} failed: ${said === '' ? cause.message : said}`;
      reject(new GatewayError('service_failed', sentence, { cause }));
    });
  });
}
