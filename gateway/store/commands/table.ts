// What is kept of commands, inside the store's thread. Every method runs within the caller's transaction.
import { GatewayError } from '../../../shared/errors.js';
import {
  ownKey,
  type CommandJournalStats,
  type CommandMemory,
  type IncomingCommand,
  type LeftCommand,
  type Moment,
  type UnsaidAnswer,
} from '../../../shared/command-journal.js';
import { repetitionOf, type SeenCommand } from '../../../shared/repeat-rule.js';
import { STATE } from './schema.js';
import type { SqliteDatabase, SqliteStatement, SqlRow } from '../sqlite/engine.js';

export interface JournalLimits {
  /** Commands remembered. */
  readonly commands: number;
  /** Characters of what they asked and how they were answered. */
  readonly commandChars: number;
}

/** So many go at once where there is no room. */
const FORGET_ROWS = 100;
const SIZE = 'length(key) + length(device) + length(name) + length(body) + ifnull(length(reply), 0)';

export class JournalTable {
  readonly #limits: JournalLimits;
  readonly #statements: ReturnType<typeof prepare>;
  #rows = 0;
  #chars = 0;
  #forgottenAnswers = 0;

  constructor(database: SqliteDatabase, limits: JournalLimits) {
    this.#limits = limits;
    this.#statements = prepare(database);
    this.recount();
  }

  /** Reads the counts anew: at the start, and after a rollback took rows back. */
  recount(): void {
    const counted = this.#statements.count.get();
    this.#rows = Number(counted?.['n']);
    this.#chars = Number(counted?.['chars']);
  }

  /** Throws queue_full where there is no room, and then keeps nothing. `position` was never given before. */
  accept(command: IncomingCommand, withinMs: number, position: number): CommandMemory {
    const redelivered = this.#redelivered(command);
    if (redelivered !== undefined) return memoryOf(redelivered);
    const row = this.#statements.find.get(command.key);
    if (row !== undefined) {
      const seen = seenOf(row);
      const repetition = repetitionOf(seen, command, withinMs);
      if (repetition === 'same') return memoryOf(row);
      if (repetition === 'reused') return { state: 'reused', ...namesOf(row) };
      this.#retire(Number(row['position']), command.key);
    }
    if (!this.#makeRoom()) {
      const message = `${String(this.#rows)} commands are not answered yet; no more are taken.`;
      throw new GatewayError('queue_full', message);
    }
    this.#insert(command, position);
    return { state: 'new', position };
  }

  /** One that was taken already, and is new. */
  take(command: IncomingCommand, position: number): void {
    const row = this.#statements.find.get(command.key);
    if (row !== undefined) this.#retire(Number(row['position']), command.key);
    this.#makeRoom();
    this.#insert(command, position);
  }

  begin(keys: readonly string[]): void {
    this.#statements.begin.run(JSON.stringify(keys));
  }

  /** Does nothing where it is not here, or answered already. */
  finish(key: string, reply: string, mayRunAgain: boolean): void {
    const before = this.#sizeOf(key);
    this.#statements.finish.run(reply, mayRunAgain ? 1 : 0, key);
    this.#chars += this.#sizeOf(key) - before;
  }

  said(positions: readonly number[]): void {
    this.#statements.said.run(JSON.stringify(positions));
  }

  left(boot: string, after: number, limit: number): readonly LeftCommand[] {
    return this.#statements.left.all(boot, after, limit).map((row) => ({
      position: Number(row['position']),
      ...{ key: String(row['key']), ...namesOf(row), at: momentOf(row) },
      begun: Number(row['state']) === STATE.begun,
      body: String(row['body']),
    }));
  }

  unsaid(after: number, limit: number): readonly UnsaidAnswer[] {
    return this.#statements.unsaid.all(after, limit).map((row) => ({
      position: Number(row['position']),
      ...{ key: String(row['key']), ...namesOf(row), reply: String(row['reply']) },
    }));
  }

  stats(): CommandJournalStats {
    return { rows: this.#rows, chars: this.#chars, forgottenAnswers: this.#forgottenAnswers };
  }

  /** However long ago: a sender that got no acknowledgement may come back after days. */
  #redelivered({ delivery }: IncomingCommand): SqlRow | undefined {
    return delivery?.again === true ? this.#statements.findDelivery.get(delivery.place) : undefined;
  }

  /** The row stays for a redelivery, and for its answer; the id is free. */
  #retire(position: number, key: string): void {
    const retired = ownKey(String(position));
    this.#statements.rename.run(retired, position);
    this.#chars += retired.length - key.length;
  }

  #insert(command: IncomingCommand, position: number): void {
    const { key, meaning, delivery, at, boot, begun, body, reply } = command;
    const open = begun ? STATE.begun : STATE.accepted;
    this.#rows += this.#statements.insert.run(
      ...[position, key, meaning.device, meaning.name, meaning.asked, delivery?.place ?? null],
      ...[boot, at.ts, at.synchronised ? 1 : 0, at.machine, at.uptimeMs],
      ...[reply === undefined ? open : STATE.answered, body, reply ?? null, reply === undefined ? 0 : 1],
    );
    this.#chars += this.#sizeOf(key);
  }

  /** False where it can't: none of them is answered. */
  #makeRoom(): boolean {
    while (this.#isFull()) {
      if (this.#forget(STATE.said) > 0) continue;
      const untold = this.#forget(STATE.answered);
      this.#forgottenAnswers += untold;
      if (untold === 0) return false;
    }
    return true;
  }

  #isFull(): boolean {
    return this.#rows >= this.#limits.commands || this.#chars >= this.#limits.commandChars;
  }

  #forget(state: number): number {
    const rows = this.#statements.oldest.all(state, FORGET_ROWS);
    const beyond = Math.max(1, this.#rows - this.#limits.commands + 1);
    const going = this.#chars >= this.#limits.commandChars ? rows : rows.slice(0, beyond);
    for (const row of going) {
      this.#rows -= this.#statements.remove.run(Number(row['position']));
      this.#chars -= Number(row['size']);
    }
    return going.length;
  }

  #sizeOf(key: string): number {
    return Number(this.#statements.size.get(key)?.['size'] ?? 0);
  }
}

function prepare(database: SqliteDatabase): Readonly<Record<StatementName, SqliteStatement>> {
  const among = (column: string): string => `${column} IN (SELECT value FROM json_each(?))`;
  const columns = 'position, key, device, name, asked, delivery, boot, ts, synchronised, machine, uptime_ms';
  return {
    count: database.prepare(`SELECT count(*) AS n, ifnull(sum(${SIZE}), 0) AS chars FROM journal`),
    find: database.prepare('SELECT * FROM journal WHERE key = ?'),
    findDelivery: database.prepare('SELECT * FROM journal WHERE delivery = ? ORDER BY position DESC LIMIT 1'),
    size: database.prepare(`SELECT ${SIZE} AS size FROM journal WHERE key = ?`),
    insert: database.prepare(
      `INSERT INTO journal (${columns}, state, body, reply, may_run_again)
       VALUES (${Array<string>(15).fill('?').join(', ')})`,
    ),
    rename: database.prepare('UPDATE journal SET key = ? WHERE position = ?'),
    begin: database.prepare(
      `UPDATE journal SET state = ${String(STATE.begun)} WHERE state = ${String(STATE.accepted)} AND ${among('key')}`,
    ),
    finish: database.prepare(
      `UPDATE journal SET state = ${String(STATE.answered)}, reply = ?, may_run_again = ?, body = ''
       WHERE key = ? AND state < ${String(STATE.answered)}`,
    ),
    said: database.prepare(
      `UPDATE journal SET state = ${String(STATE.said)} WHERE state = ${String(STATE.answered)} AND ${among('position')}`,
    ),
    left: database.prepare(
      `SELECT * FROM journal WHERE state < ${String(STATE.answered)} AND boot <> ? AND position > ?
       ORDER BY position LIMIT ?`,
    ),
    unsaid: database.prepare(
      `SELECT * FROM journal WHERE state = ${String(STATE.answered)} AND position > ? ORDER BY position LIMIT ?`,
    ),
    oldest: database.prepare(
      `SELECT position, ${SIZE} AS size FROM journal WHERE state = ? ORDER BY position LIMIT ?`,
    ),
    remove: database.prepare('DELETE FROM journal WHERE position = ?'),
  };
}

type StatementName =
  | 'count'
  | 'find'
  | 'findDelivery'
  | 'size'
  | 'insert'
  | 'rename'
  | 'begin'
  | 'finish'
  | 'said'
  | 'left'
  | 'unsaid'
  | 'oldest'
  | 'remove';

function namesOf(row: SqlRow): { readonly device: string; readonly name: string } {
  return { device: String(row['device']), name: String(row['name']) };
}

function momentOf(row: SqlRow): Moment {
  return {
    ts: Number(row['ts']),
    synchronised: Number(row['synchronised']) === 1,
    machine: String(row['machine']),
    uptimeMs: Number(row['uptime_ms']),
  };
}

function seenOf(row: SqlRow): SeenCommand {
  const asked = row['asked'] ?? null;
  return {
    meaning: { ...namesOf(row), asked: asked === null ? undefined : String(asked) },
    at: momentOf(row),
    open: Number(row['state']) < STATE.answered,
    mayRunAgain: Number(row['may_run_again']) === 1,
  };
}

function memoryOf(row: SqlRow): CommandMemory {
  const reply = row['reply'] ?? null;
  return { state: 'known', key: String(row['key']), ...(reply === null ? {} : { reply: String(reply) }) };
}
