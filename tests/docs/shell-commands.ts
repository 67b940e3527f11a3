// What README and docs/ tell to type: the lines of their blocks of shell.
import { read } from '../support/repository.js';
import { everyPage } from './pages.js';

export interface ShellCommand {
  readonly page: string;
  readonly line: string;
}

/** In their order, each once; without comments, and with continued lines joined. */
export function shellCommands(): ShellCommand[] {
  const known = new Set<string>();
  return everyPage().flatMap((page) =>
    [...read(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)]
      .flatMap(([, block = '']) =>
        block
          .replaceAll(/\\\n\s*/g, ' ')
          .trim()
          .split('\n'),
      )
      .map((line) => line.replace(/\s+# .*$/, '').trim())
      .filter((line) => line !== '' && !known.has(line) && known.add(line))
      .map((line) => ({ page, line })),
  );
}

/** The words behind `npx i2c-mqtt-gateway`, as a shell would split them; undefined where it is another program. */
export function ownWords(line: string): string[] | undefined {
  const [, typed] = /(?:^|\s)npx i2c-mqtt-gateway\s*(.*)$/.exec(line) ?? [];
  if (typed === undefined) return undefined;
  const words = [...typed.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) =>
    word.replace(/^(['"])(.*)\1$/, '$2'),
  );
  const end = words.findIndex((word) => /^[<>|&]/.test(word));
  return end < 0 ? words : words.slice(0, end);
}
