// A password from the terminal without showing it, or from what is piped in: never from the command line, which everybody
// on the machine can read.
import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { GatewayError } from '../../../shared/errors.js';

/** Rejects with bad_argument when it is empty, or typed differently the second time. */
export async function askPassword(user: string): Promise<Buffer> {
  const [first = '', again] = await lines(stdin.isTTY ? [`Password of ${user}: `, 'Once more: '] : ['']);
  if (again !== undefined && first !== again)
    throw new GatewayError('bad_argument', 'The two passwords differ; nothing was changed.');
  if (first === '') throw new GatewayError('bad_argument', 'The password is empty.');
  return Buffer.from(first);
}

/** A line for each question. One reader for all: it takes in what is typed ahead. */
async function lines(questions: readonly string[]): Promise<string[]> {
  // readline shows what is typed on its output, which here goes nowhere.
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  // Before the question: until then the terminal itself shows what is typed.
  const reader = createInterface({ input: stdin, output: nowhere, terminal: stdin.isTTY });
  const typed = reader[Symbol.asyncIterator]();
  const answers: string[] = [];
  try {
    for (const question of questions) {
      stderr.write(question);
      const line = await typed.next();
      if (stdin.isTTY) stderr.write('\n');
      answers.push(line.done === true ? '' : line.value);
    }
    return answers;
  } finally {
    reader.close();
  }
}
