// Where systemd would listen: a datagram socket, which Node has none of, opened by Python.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from './temporary-folder.js';

const LISTENER = `
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print('listening', flush=True)
while True:
    # What comes with a word (the barrier) is closed with it.
    words = listener.recv(4096).decode()
    if words != 'BARRIER=1':
        print(' '.join(words.split()), flush=True)
`;

const hasTool = (name: string): boolean => spawnSync(name, ['--version']).status === 0;

/** Why it can't be tried here; false where it can. */
export const withoutSystemd: string | false =
  hasTool('systemd-notify') && hasTool('python3')
    ? false
    : 'SYSTEMD’S TOOLS OR PYTHON ARE MISSING: NOT TESTED';

export interface NotifySocket {
  readonly path: string;
  /** A line for each thing that was said, so far. */
  said(): readonly string[];
}

export async function openNotifySocket(t: TestContext): Promise<NotifySocket> {
  const path = join(await temporaryFolder(t), 'notify');
  const child = spawn('python3', ['-c', LISTENER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child.stdout, 'data');
  return { path, said: () => output.split('\n').slice(1, -1) };
}
