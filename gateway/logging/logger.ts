// The gateway's log: one line per thing that happened, to the terminal, to files, and to whoever listens.
import type * as Pino from 'pino';
import type { Clock, Log, LogFields } from '../../shared/ports.js';
import { LOG_LEVELS, type LogLevel } from '../../shared/topics.js';
import { cleanFields, cleanText } from './clean-fields.js';
import { type LineListener, LineForwarder } from './line-forwarder.js';
import { LogFile, type LogFileOptions } from './log-file.js';
import { Printer, type PrintedOutput, type PrinterOptions } from './printer.js';
import { commonJs } from '../process/common-js.js';

const { pino, symbols } = commonJs('pino') as typeof Pino;

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly clock: Clock;
  /** Where people read along, say process.stdout; none when absent. */
  readonly output?: PrintedOutput;
  /** Of `output`. */
  readonly style: PrinterOptions['style'];
  /** Colours on a pretty output. */
  readonly colors?: boolean;
  readonly file?: LogFileOptions;
}

export interface Logger {
  readonly log: Log;
  /** The same log, but the listener is not handed its lines: for whoever publishes them. */
  readonly unpublished: Log;
  readonly level: LogLevel;
  /** At once, for every child as well. */
  setLevel(level: LogLevel): void;
  /** Every published line from now on also goes to this one listener, as JSON; undefined ends it. */
  onLine(listener: LineListener | undefined): void;
  health(): LogHealth;
  /** Closes the file; lines that come later still reach `output`. */
  close(): Promise<void>;
}

export interface LogHealth {
  readonly lostLines: number;
  readonly unpublishedLines: number;
  /** Those that the terminal, or whatever stands in its place, did not take. */
  readonly unprintedLines: number;
  /** Why the file can't be written at the moment. */
  readonly failure?: string;
}

/** Only a line with bindings piled on bindings, or full of characters that JSON escapes, is longer. */
const MAX_LINE_CHARS = 40_000;

/** Rejects with data_unwritable when the log folder can't be made or written. */
export async function createLogger(options: LoggerOptions): Promise<Logger> {
  const file = options.file && LogFile.open(options.file);
  const forwarder = new LineForwarder(options.clock);
  const printer = await Printer.open(options);
  const write = (level: LogLevel, line: string): void => {
    printer.print(level, line);
    file?.write(line);
  };
  const threshold = { level: options.level };
  const published = pinoTo(options.clock, (level, line) => {
    write(level, line);
    forwarder.forward(level, line.trimEnd());
  });
  return {
    log: new LevelledLog(published, threshold),
    unpublished: new LevelledLog(pinoTo(options.clock, write), threshold),
    get level() {
      return threshold.level;
    },
    setLevel: (level) => {
      threshold.level = level;
    },
    onLine: (listener) => {
      forwarder.listen(listener);
    },
    health: () => healthOf(file, forwarder, printer),
    close: () => {
      file?.close();
      return Promise.resolve();
    },
  };
}

/** pino copies its level into each child when that is made, so a later change would miss them: all share this one. */
interface Threshold {
  level: LogLevel;
}

class LevelledLog implements Log {
  readonly #pino: Pino.Logger;
  readonly #threshold: Threshold;

  constructor(pinoLogger: Pino.Logger, threshold: Threshold) {
    this.#pino = pinoLogger;
    this.#threshold = threshold;
  }

  debug(fields: LogFields, message: string): void {
    this.#write('debug', fields, message);
  }
  info(fields: LogFields, message: string): void {
    this.#write('info', fields, message);
  }
  warn(fields: LogFields, message: string): void {
    this.#write('warn', fields, message);
  }
  error(fields: LogFields, message: string): void {
    this.#write('error', fields, message);
  }

  child(fields: LogFields): Log {
    return new LevelledLog(this.#pino.child(cleanFields(fields)), this.#threshold);
  }

  #write(level: LogLevel, fields: LogFields, message: string): void {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.#threshold.level)) return;
    this.#pino[level](cleanFields(fields), cleanText(message));
  }
}

/** pino makes the lines; `write` gets each with its newline and, bounded, in any case as valid JSON. */
function pinoTo(clock: Clock, write: (level: LogLevel, line: string) => void): Pino.Logger {
  const stream = {
    [symbols.needsMetadataGsym]: true as const,
    lastLevel: 0,
    write(line: string): void {
      const level = levelOf(this.lastLevel);
      write(level, line.length <= MAX_LINE_CHARS ? line : tooLong(clock, level, line));
    },
  };
  const options = {
    level: 'debug',
    base: null,
    timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    // Fields come cleaned, errors among them; pino's own serializer would take the causes' codes away.
    serializers: { err: (err: unknown) => err },
  };
  return pino(options, stream);
}

function levelOf(value: number): LogLevel {
  const label = pino.levels.labels[value];
  return LOG_LEVELS.find((level) => level === label) ?? 'error';
}

function tooLong(clock: Clock, level: LogLevel, line: string): string {
  const time = new Date(clock.now()).toISOString();
  const msg = `a line of ${String(line.length)} characters, too long for the log`;
  return `${JSON.stringify({ level, time, msg, begins: line.slice(0, 2_000) })}\n`;
}

function healthOf(file: LogFile | undefined, forwarder: LineForwarder, printer: Printer): LogHealth {
  const failure = file?.failure;
  return {
    lostLines: file?.lostLines ?? 0,
    unpublishedLines: forwarder.droppedLines,
    unprintedLines: printer.unprintedLines,
    ...(failure === undefined ? {} : { failure: failure.message }),
  };
}
