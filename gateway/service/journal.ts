// A line as systemd's journal takes it: its priority in front (sd-daemon(3)), then the sentence, then the facts. The journal
// has the time and the level itself.
import { fstatSync } from 'node:fs';
import type { LogLevel } from '../../shared/topics.js';

const PRIORITIES: Readonly<Record<LogLevel, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** Whether what is printed goes to the journal: JOURNAL_STREAM names device and inode of that (systemd.exec(5)). */
export function isJournal(stream: string | undefined, descriptor: number): boolean {
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(descriptor);
  return stream === `${String(dev)}:${String(ino)}`;
}

/** `line`: JSON, as pino made it. */
export function journalLine(level: LogLevel, line: string): string {
  const { msg, ...facts } = JSON.parse(line) as Record<string, unknown>;
  for (const known of ['level', 'time']) Reflect.deleteProperty(facts, known);
  const rest = Object.keys(facts).length === 0 ? '' : ` ${JSON.stringify(facts)}`;
  return `<${String(PRIORITIES[level])}>${String(msg)}${rest}\n`;
}
