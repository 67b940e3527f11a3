// Whether a file has changed: looked at once a second by its path, so that a rename into its place, a link that is made to
// lead elsewhere, a network's file system and a bind mount are all seen alike. An edit counts once it has rested for a look.
import { stat } from 'node:fs/promises';
import type { Clock } from '../../shared/ports.js';

const LOOK_EVERY_MS = 1000;

/** Tells one state of a file from another; `absent` while it can't be looked at. */
export async function fileMark(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file);
    return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
  } catch {
    // Why not is said by whoever reads it.
    return 'absent';
  }
}

export interface FileWatchOptions {
  readonly file: string;
  /** Of its state that is known already. */
  readonly known: string;
  readonly clock: Pick<Clock, 'after'>;
  /** Awaited before it is looked at again; never rejects. */
  readonly onChange: () => Promise<void>;
}

export class FileWatch {
  readonly #options: FileWatchOptions;
  #known: string;
  #before: string;
  #isOver = false;
  #cancel = (): void => undefined;

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#known = options.known;
    this.#before = options.known;
  }

  start(): void {
    this.#isOver = false;
    this.#lookLater();
  }

  stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #lookLater(): void {
    if (this.#isOver) return;
    this.#cancel = this.#options.clock.after(LOOK_EVERY_MS, () => {
      void this.#look().then(() => {
        this.#lookLater();
      });
    });
  }

  async #look(): Promise<void> {
    const mark = await fileMark(this.#options.file);
    const rests = mark === this.#before;
    this.#before = mark;
    if (!rests || mark === this.#known || this.#isOver) return;
    this.#known = mark;
    await this.#options.onChange();
  }
}
