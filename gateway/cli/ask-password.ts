// A password from the terminal without showing it, or from what is piped in: never from the command line, which everybody
// on the machine can read.
import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { GatewayError } from '../../shared/errors.js';

/** Rejects with bad_argument when it is empty, or typed differently the second time. */
export async function askPassword(user: string): Promise<Buffer> {
  const password = stdin.isTTY ? await askTwice(user) : await line('');
  if (password === '') throw new GatewayError('bad_argument', 'The password is empty.');
  return Buffer.from(password);
}

async function askTwice(user: string): Promise<string> {
  const first = await line(`Password of ${user}: `);
  if (first === (await line('Once more: '))) return first;
  throw new GatewayError('bad_argument', 'The two passwords differ; nothing was changed.');
}

async function line(question: string): Promise<string> {
  stderr.write(question);
  // readline shows what is typed on its output, which here goes nowhere.
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const reader = createInterface({ input: stdin, output: nowhere, terminal: stdin.isTTY });
  try {
    for await (const text of reader) return text;
    return '';
  } finally {
    reader.close();
    if (stdin.isTTY) stderr.write('\n');
  }
}
