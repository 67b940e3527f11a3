// A recorder alone as a user starts it: a process of its own at an outside broker.
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { runProgram } from './gateway-process.js';
import { temporaryFolder, type Ends } from './temporary-folder.js';
import { until } from './waiting.js';

export interface RecorderProcess {
  /** Its own level in its topics. */
  readonly name: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** Everything it printed so far, both streams. */
  readonly output: () => string;
  /** Sends the signal and resolves with the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

export interface RecorderSettings {
  /** The data folder of an earlier process; a new one when absent. */
  readonly dataDir?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves when it listens at the broker. Ended with the test, whatever happens in it. */
export async function startRecorder(
  t: Ends,
  url: string,
  settings: RecorderSettings = {},
): Promise<RecorderProcess> {
  const dataDir = settings.dataDir ?? (await temporaryFolder(t));
  const args = ['start', '--only', 'recorder', '--mqtt', url, '--data', dataDir, ...(settings.args ?? [])];
  const { child, output } = runProgram(t, args, settings.env);
  const name = await until(
    `the recorder to start: ${output()}`,
    () => {
      if (child.exitCode !== null) throw new Error(`the recorder ended: ${output()}`);
      return /^ +(\S+) records /m.exec(output())?.[1];
    },
    30_000,
  );
  const end = async (signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> => {
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
    return child.exitCode ?? child.signalCode;
  };
  return { name, dataDir, child, output, end };
}
