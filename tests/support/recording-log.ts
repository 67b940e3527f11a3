// A Log that keeps its lines, for tests that ask what was said.
import type { Log, LogFields } from '../../shared/ports.js';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: LogFields;
  readonly message: string;
}

export class RecordingLog implements Log {
  readonly lines: LogLine[];
  readonly #fields: LogFields;

  constructor(lines: LogLine[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  debug(fields: LogFields, message: string): void {
    this.#keep('debug', fields, message);
  }
  info(fields: LogFields, message: string): void {
    this.#keep('info', fields, message);
  }
  warn(fields: LogFields, message: string): void {
    this.#keep('warn', fields, message);
  }
  error(fields: LogFields, message: string): void {
    this.#keep('error', fields, message);
  }
  child(fields: LogFields): Log {
    return new RecordingLog(this.lines, { ...this.#fields, ...fields });
  }

  /** The sentences of one level, in order. */
  messages(level: LogLine['level']): string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }

  /** The lines whose sentence holds `part`. */
  saying(part: string): LogLine[] {
    return this.lines.filter(({ message }) => message.includes(part));
  }

  #keep(level: LogLine['level'], fields: LogFields, message: string): void {
    this.lines.push({ level, fields: { ...this.#fields, ...fields }, message });
  }
}
