// users.token_file: a line `id:user:digest:day` for each token, which the command `token` writes.
import type { BadLine } from './password-file.js';
import type { KnownToken } from './tokens.js';

const LINE = /^([0-9a-f]{8}):([^:]+):([A-Za-z0-9_-]{43}):(\d{4}-\d\d-\d\d)$/;
const NO_TOKEN = 'is no line of the command token, and lets nobody in; take it out';

export interface TokenFile {
  readonly tokens: readonly KnownToken[];
  readonly badLines: readonly BadLine[];
}

/** A line that is none is passed over, and told. */
export function parseTokens(text: string): TokenFile {
  const tokens: KnownToken[] = [];
  const badLines: BadLine[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const [, id, user, digest, made] = LINE.exec(line) ?? [];
    if (id === undefined || user === undefined || digest === undefined || made === undefined)
      badLines.push({ line: index + 1, why: NO_TOKEN });
    else tokens.push({ id, user, digest: Buffer.from(digest, 'base64url'), made });
  }
  return { tokens, badLines };
}

export function withToken(text: string, { id, user, digest, made }: KnownToken): string {
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${before}${id}:${user}:${digest.toString('base64url')}:${made}\n`;
}

/** Without the user's token of this id, or without all of his. */
export function withoutTokens(text: string, user: string, id?: string): string {
  const kept = text.split('\n').filter((line) => {
    const [lineId, lineUser] = line.split(':');
    return lineUser !== user || (id !== undefined && lineId !== id);
  });
  return kept.join('\n');
}
