// The log on disk: JSON lines in numbered files of bounded size and count, which a full disk can't turn into a crash.
import { join } from 'node:path';
import pinoRoll, { type RollStream } from 'pino-roll';
import { asGatewayError, GatewayError } from '../../shared/errors.js';

export interface LogFileOptions {
  /** Made if it isn't there. The files are gateway.1.log, gateway.2.log, …; the highest number is the newest. */
  readonly folder: string;
  /** A file that has passed this is closed and the next one begun. */
  readonly maxBytes: number;
  /** Older files are deleted. */
  readonly maxFiles: number;
}

/** What waits in memory while the disk refuses; more is dropped and counted. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * Writes each line before `write` returns: whatever ends the process, its last lines are there. (The asynchronous
 * mode needs sonic-boom's flushSync at the end, which on a full disk retries for ever and blocks the process.)
 */
export class LogFile {
  readonly #stream: RollStream;
  #lostLines = 0;
  #failure: Error | undefined;

  private constructor(stream: RollStream) {
    this.#stream = stream;
    stream.on('drop', () => {
      this.#lostLines += 1;
    });
    // sonic-boom keeps what it could not write and tries again with the next line.
    stream.on('error', (error: Error) => {
      this.#failure = error;
    });
    stream.on('write', () => {
      this.#failure = undefined;
    });
  }

  /** Rejects with data_unwritable when folder or file can't be made. */
  static async open(options: LogFileOptions): Promise<LogFile> {
    try {
      const stream = await pinoRoll({
        file: join(options.folder, 'gateway.log'),
        size: `${String(options.maxBytes)}b`,
        limit: { count: options.maxFiles, removeOtherLogFiles: true },
        mkdir: true,
        sync: true,
        maxLength: MAX_WAITING_BYTES,
      });
      return new LogFile(stream);
    } catch (error) {
      const { message } = asGatewayError(error);
      throw new GatewayError(
        'data_unwritable',
        `The log folder ${options.folder} can't be written: ${message}`,
        {
          cause: error,
        },
      );
    }
  }

  /** Lines dropped because the disk refused for too long, or that came after `close`. */
  get lostLines(): number {
    return this.#lostLines;
  }

  /** Why lines can't be written at the moment; undefined while they can. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  write(line: string): void {
    if (this.#stream.destroyed) this.#lostLines += 1;
    else this.#stream.write(line);
  }

  /** Resolves when the file is closed, synced to disk; what a failing disk didn't take by then is lost. */
  async close(): Promise<void> {
    const stream = this.#stream;
    if (stream.destroyed) return;
    await new Promise<void>((resolve) => {
      stream.once('close', resolve);
      // Without this sonic-boom waits for ever for a disk that refuses.
      stream.on('error', () => {
        if (stream.destroyed) resolve();
        else stream.destroy();
      });
      stream.end();
    });
  }
}
