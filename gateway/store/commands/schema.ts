// The table of the command journal, and how that of an earlier version becomes it.
import { idKey } from '../../../shared/command-journal.js';
import type { ReplyMessage } from '../../../shared/messages.js';
import type { SqliteDatabase, SqlRow } from '../sqlite/engine.js';

/** How far a command has come. Smaller ones are not answered; it only grows. */
export const STATE = { accepted: 0, begun: 1, answered: 2, said: 3 } as const;

// The names stand in the rows that are asked for at a start; what is answered for long is only ever looked up by its key.
export const JOURNAL_TABLES = `
  CREATE TABLE IF NOT EXISTS journal (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL, name TEXT NOT NULL, asked TEXT, delivery TEXT,
    boot TEXT NOT NULL,
    ts INTEGER NOT NULL, synchronised INTEGER NOT NULL, machine TEXT NOT NULL, uptime_ms REAL NOT NULL,
    state INTEGER NOT NULL, body TEXT NOT NULL, reply TEXT, may_run_again INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS journal_delivery ON journal (delivery) WHERE delivery IS NOT NULL;
  CREATE INDEX IF NOT EXISTS journal_state ON journal (state, position);
`;

/**
 * From the table `commands`, of device/name/id, the process that began it and its answer. What it asked was not kept, so
 * any arguments are taken for the same. One without an answer was cut off long ago and has its answer when it comes again.
 */
export function moveCommands(database: SqliteDatabase): void {
  const found = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'commands'`);
  if (found.get() === undefined) return;
  // Of two devices' commands with one id the newer stays.
  const insert = database.prepare(
    `INSERT OR REPLACE INTO journal
       (key, device, name, boot, ts, synchronised, machine, uptime_ms, state, body, reply, may_run_again)
     VALUES (?, ?, ?, ?, ?, 1, '', 0, ${String(STATE.said)}, '', ?, 0)`,
  );
  const now = database.prepare(`SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS ts`).get();
  const nowTs = Number(now?.['ts']);
  const next = database.prepare('SELECT * FROM commands WHERE position > ? ORDER BY position LIMIT 1000');
  for (let rows = next.all(0); rows.length > 0; rows = next.all(rows.at(-1)?.['position'] ?? null))
    for (const row of rows) {
      const [device = '', name = '', ...id] = String(row['key']).split('/');
      const { reply, ts } = answerOf(row, id.join('/'), nowTs);
      insert.run(idKey(id.join('/')), device, name, String(row['boot']), ts, reply);
    }
  database.exec('DROP TABLE commands');
}

function answerOf(row: SqlRow, id: string, nowTs: number): { readonly reply: string; readonly ts: number } {
  const kept = row['reply'] ?? null;
  if (kept !== null) return { reply: String(kept), ts: timeOf(String(kept)) ?? nowTs };
  const message = 'The gateway ended while this command ran; whether the device acted is unknown.';
  const reply: ReplyMessage = {
    ...{ id, status: 'failed', error: { code: 'interrupted', message } },
    ...{ ts: nowTs, ms: 0 },
  };
  return { reply: JSON.stringify(reply), ts: nowTs };
}

/** Undefined where a damaged page has made no JSON of it: the answer is kept all the same. */
function timeOf(reply: string): number | undefined {
  try {
    const { ts } = JSON.parse(reply) as Partial<ReplyMessage>;
    return typeof ts === 'number' ? ts : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
