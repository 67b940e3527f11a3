// Questions at a terminal, on the stream that is not for what is printed.
import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline';
import { GatewayError } from '../../../shared/errors.js';
import type { Asker } from './questions.js';

/** Gives `use` somebody to ask. Rejects with bad_argument at Ctrl-C and Ctrl-D. */
export async function atTerminal<T>(use: (asker: Asker) => Promise<T>): Promise<T> {
  const reader = createInterface({ input: stdin, output: stderr, terminal: true });
  // One for all questions: it takes in what is typed ahead.
  const typed = reader[Symbol.asyncIterator]();
  let isClosed = false;
  reader.once('close', () => {
    isClosed = true;
  });
  const asker: Asker = {
    ask: async (question, fallback) => {
      if (!isClosed) {
        reader.setPrompt(`${question} [${fallback}]: `);
        reader.prompt();
      }
      const line = await typed.next();
      if (line.done === true)
        throw new GatewayError('bad_argument', 'The questions were broken off; nothing was written.');
      const text = line.value.trim();
      return text === '' ? fallback : text;
    },
    say: (line) => {
      stderr.write(`${line}\n`);
    },
  };
  try {
    return await use(asker);
  } finally {
    reader.close();
  }
}
