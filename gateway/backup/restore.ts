// Puts a backup back: written beside what is there and checked first, moved into place when all of it is sound.
import { rmSync } from 'node:fs';
import { mkdir, open, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { geteuid } from 'node:process';
import { GatewayError } from '../../shared/errors.js';
import { tidiedAtSignals } from '../process/signal-cleanup.js';
import { whyNotWritten, whyOf } from '../process/why.js';
import { renewIdentity } from '../store/file/new-identity.js';
import { markRestore, unmarkRestore } from '../store/file/restore-mark.js';
import { SingleInstanceLock } from '../store/file/instance-lock.js';
import { loadSqlite } from '../store/sqlite/load.js';
import { asideName, moveAll, type Move } from './in-place.js';
import type { BackupFile, Manifest } from './manifest.js';
import type { Progress } from '../process/progress.js';
import { readBackup, type Sink } from './read.js';
import { inTheWay, isData, targetsOf, type Place, type Target } from './targets.js';

export interface RestorePlan extends Place {
  readonly archive: string;
  /** What is in the way is moved aside, not refused. */
  readonly force: boolean;
  readonly nowTs: number;
}

export interface Restored {
  readonly manifest: Manifest;
  readonly targets: readonly Target[];
  /** What lay there, under its new name. */
  readonly aside: readonly string[];
}

/** Rejects with bad_argument, store_failed (a newer version), data_in_use or data_unwritable; then nothing has changed. */
export async function restoreBackup(plan: RestorePlan, progress: Progress): Promise<Restored> {
  const restore = new Restore(plan);
  return tidiedAtSignals(
    () => {
      restore.tidyNow();
    },
    async () => {
      try {
        return await restore.run(progress);
      } catch (cause) {
        if (cause instanceof GatewayError) throw cause;
        throw new GatewayError('data_unwritable', `Nothing was restored: ${whyOf(cause)}.`, { cause });
      } finally {
        restore.tidyNow();
        await restore.release();
      }
    },
  );
}

class Restore {
  readonly #plan: RestorePlan;
  #lock: SingleInstanceLock | undefined;
  #targets: readonly Target[] = [];
  #opened: FileHandle | undefined;
  /** Beside their places, until they are moved. */
  readonly #written = new Set<string>();

  constructor(plan: RestorePlan) {
    this.#plan = plan;
  }

  async run(progress: Progress): Promise<Restored> {
    const manifest = await readBackup(this.#plan.archive, progress, {
      begin: (found) => this.#begin(found),
      sinkFor: (file) => this.#sinkFor(file),
    });
    const store = this.#targets.find(({ path }) => path === 'data/store.sqlite');
    if (store !== undefined) renewIdentity(await loadSqlite(), beside(store));
    const aside = this.#moveIntoPlace();
    return { manifest, targets: this.#targets, aside };
  }

  tidyNow(): void {
    for (const path of this.#written) rmSync(path, { force: true });
    this.#written.clear();
  }

  async release(): Promise<void> {
    await this.#opened?.close();
    await this.#lock?.stop();
  }

  async #begin(manifest: Manifest): Promise<void> {
    const { dataDir, force } = this.#plan;
    const targets = targetsOf(manifest, this.#plan);
    // First: a gateway that runs is to be ended, whatever else is in the way.
    if (targets.some(isData)) {
      this.#lock = new SingleInstanceLock(dataDir);
      await this.#lock.start();
    }
    const isThere = inTheWay(targets, dataDir);
    if (isThere.length > 0 && !force)
      throw new GatewayError(
        'bad_argument',
        `Nothing was restored: ${isThere.join(', ')} ${isThere.length === 1 ? 'is' : 'are'} there already. With --force that is kept under a name with the date, and the backup takes its place.`,
      );
    await Promise.all([...new Set(targets.map(({ to }) => dirname(to)))].map(makeFolder));
    await mustFit(targets);
    this.#targets = targets;
  }

  async #sinkFor(file: BackupFile): Promise<Sink | undefined> {
    const target = this.#targets.find(({ path }) => path === file.path);
    if (target === undefined) return undefined;
    const path = beside(target);
    // One that an earlier restore has left when it was killed.
    await rm(path, { force: true });
    const opened = await open(path, 'wx', 0o600);
    this.#opened = opened;
    this.#written.add(path);
    return {
      write: async (chunk) => {
        await opened.writeFile(chunk);
      },
      end: async () => {
        await giveToFolder(opened, dirname(path));
        await opened.chmod(target.mode);
        await opened.sync();
        this.#opened = undefined;
        await opened.close();
      },
    };
  }

  #moveIntoPlace(): readonly string[] {
    const { dataDir, nowTs } = this.#plan;
    const now = new Date(nowTs);
    const aside: Move[] = inTheWay(this.#targets, dataDir).map((from) => ({
      from,
      to: asideName(from, now),
    }));
    const isMarked = this.#targets.some(isData);
    if (isMarked) markRestore(dataDir);
    moveAll([...aside, ...this.#targets.map((target) => ({ from: beside(target), to: target.to }))], () => {
      if (isMarked) unmarkRestore(dataDir);
    });
    if (isMarked) unmarkRestore(dataDir);
    this.#written.clear();
    return aside.map(({ to }) => to);
  }
}

function beside({ to }: Target): string {
  return `${to}.restoring`;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new GatewayError('data_unwritable', `${folder} cannot be made: ${whyNotWritten(cause)}.`, {
      cause,
    });
  }
}

/** Each disk has room for what is written to it beside what is there. */
async function mustFit(targets: readonly Target[]): Promise<void> {
  const needed = new Map<number, { folder: string; bytes: number }>();
  for (const { to, bytes } of targets) {
    const folder = dirname(to);
    const { dev } = await stat(folder);
    needed.set(dev, { folder, bytes: (needed.get(dev)?.bytes ?? 0) + bytes });
  }
  for (const { folder, bytes } of needed.values()) {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize > bytes) continue;
    const mb = (count: number): string => String(Math.ceil(count / 1e6));
    throw new GatewayError(
      'data_unwritable',
      `There is no room in ${folder}: ${mb(bytes)} MB are needed, ${mb(bavail * bsize)} MB are free. Nothing was restored.`,
    );
  }
}

/** Restored by root it is still for the gateway to read: it belongs to whose folder it is. */
async function giveToFolder(file: FileHandle, folder: string): Promise<void> {
  if (geteuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  await file.chown(uid, gid);
}
