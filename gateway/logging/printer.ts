// Where people read along. A pipe whose reader stands still takes nothing, and Node keeps what it does not take in memory:
// so much of it, and what is beyond is left out and counted. The log file has it all.
import type { LogLevel } from '../../shared/topics.js';
import { journalLine } from '../service/journal.js';

export interface PrintedOutput {
  write(text: string): unknown;
  /** Of a stream: what it was given and could not hand on yet. */
  readonly writableLength?: number;
}

export interface PrinterOptions {
  readonly output?: PrintedOutput;
  /** `json`: as the line is. `journal`: for systemd's, with its priority. */
  readonly style: 'words' | 'json' | 'journal';
  readonly colors?: boolean;
}

type Format = (level: LogLevel, line: string) => string;

const MOST_WAITING_BYTES = 1024 * 1024;

export class Printer {
  readonly #output: PrintedOutput | undefined;
  readonly #format: Format;
  #unprinted = 0;

  private constructor(output: PrintedOutput | undefined, format: Format) {
    this.#output = output;
    this.#format = format;
  }

  static async open({ output, style, colors }: PrinterOptions): Promise<Printer> {
    if (style === 'journal') return new Printer(output, journalLine);
    if (style === 'json') return new Printer(output, (_, line) => line);
    // Loaded for a terminal alone: a service, or a log that goes into a file, has no use for it.
    const { prettyFactory } = await import('pino-pretty');
    const words = prettyFactory({
      colorize: colors ?? false,
      translateTime: 'SYS:HH:MM:ss.l',
      singleLine: true,
    });
    return new Printer(output, (_, line) => words(line));
  }

  /** Lines left out because too much waited already. */
  get unprintedLines(): number {
    return this.#unprinted;
  }

  print(level: LogLevel, line: string): void {
    const output = this.#output;
    if (output === undefined) return;
    const text = this.#format(level, line);
    if ((output.writableLength ?? 0) + Buffer.byteLength(text) > MOST_WAITING_BYTES) this.#unprinted += 1;
    else output.write(text);
  }
}
