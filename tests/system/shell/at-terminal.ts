// A command line in a terminal of its own, by script(1): what it shows, and what is typed at it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { env } from 'node:process';
import type { TestContext } from 'node:test';
import { isInstalled } from './is-installed.js';

export interface AtTerminal {
  readonly child: ChildProcess;
  readonly shown: () => string;
  type(keys: string): void;
  /** Resolves with the exit code of what ran there. */
  end(): Promise<number | null>;
}

/** For `skip`: the words where there is no script(1). */
export const withoutTerminal = isInstalled('script')
  ? false
  : 'script (bsdutils) IS NOT INSTALLED. What a terminal shows was not tested.';

/** Ended with the test. */
export function atTerminal(t: TestContext, command: string, more: NodeJS.ProcessEnv = {}): AtTerminal {
  const { NO_COLOR: _, MONGODB_URI: _uri, ...inherited } = env;
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...inherited, ...more },
  });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const closed = once(child, 'close');
  return {
    child,
    shown: () => text,
    type: (keys) => child.stdin.write(keys),
    end: async () => {
      await closed;
      return child.exitCode;
    },
  };
}
