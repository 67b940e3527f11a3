// Makes a backup: everything is copied first, so that what is hashed is what is written, whatever a gateway writes beside it.
import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, rename, stat, statfs, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import { tidiedAtSignals } from '../process/signal-cleanup.js';
import { foldAhead, readAheadOf } from '../store/shell/fold-ahead.js';
import { copyFile } from '../store/sqlite/copy.js';
import { loadSqlite } from '../store/sqlite/load.js';
import { writeArchive } from './archive-writer.js';
import type { Source } from './contents.js';
import { FORMAT_VERSION, MANIFEST, type BackupFile, type Manifest } from './manifest.js';
import type { Progress } from '../process/progress.js';
import { MOST_NAME_BYTES } from './tar-header.js';
import { whyNotWritten } from '../process/why.js';

export interface BackupPlan {
  /** A new file. */
  readonly archive: string;
  readonly sources: readonly Source[];
  readonly about: Pick<Manifest, 'program' | 'gateway' | 'config'>;
  /** Epoch ms. */
  readonly nowTs: number;
}

const STORE = 'data/store.sqlite';
const JOURNAL = 'data/broker.journal';
const CHUNK_BYTES = 256 * 1024;

/** Rejects with data_unwritable (no room, no right), store_failed (the store cannot be copied) or sqlite_missing. */
export async function makeBackup(plan: BackupPlan, progress: Progress): Promise<Manifest> {
  const { archive } = plan;
  const stage = join(dirname(archive), `.${basename(archive)}.${randomBytes(4).toString('hex')}`);
  const tidy = (): void => {
    rmSync(stage, { recursive: true, force: true });
  };
  return tidiedAtSignals(tidy, async () => {
    try {
      await mkdir(stage, 0o700);
      return await makeIn(stage, plan, progress);
    } catch (thrown) {
      if (thrown instanceof GatewayError) throw thrown;
      const why = whyNotWritten(thrown);
      throw new GatewayError('data_unwritable', `${archive} cannot be made: ${why}.`, { cause: thrown });
    } finally {
      tidy();
    }
  });
}

async function makeIn(stage: string, plan: BackupPlan, progress: Progress): Promise<Manifest> {
  const { archive, sources, nowTs } = plan;
  const files: BackupFile[] = [];
  let schema: number | undefined;
  progress.begin('copying', await mustHaveRoom(stage, sources));
  for (const [index, source] of sources.entries()) {
    const copy = join(stage, String(index));
    if (source.path === STORE) schema = await copyStore(source.file, copy);
    const { bytes, sha256 } = await (source.path === STORE ? hashed(copy) : copied(source, copy));
    progress.add(bytes);
    const { path, mode, from } = source;
    const member = Buffer.byteLength(path) <= MOST_NAME_BYTES ? path : `long-name/${String(index)}`;
    files.push({ path, member, bytes, sha256, mode, ...(from === undefined ? {} : { from }) });
  }
  const manifest: Manifest = {
    ...{ format: 'i2c-mqtt-gateway backup', version: FORMAT_VERSION },
    ...{ ...plan.about, made: new Date(nowTs).toISOString(), files },
    ...(schema === undefined ? {} : { schema }),
  };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const members = files.map(({ member, bytes, mode }, index) => ({
    ...{ name: member, bytes, mode, content: { file: join(stage, String(index)) } },
  }));
  const first = { name: MANIFEST, bytes: Buffer.byteLength(text), mode: 0o600, content: { text } };
  const made = join(stage, 'archive');
  progress.begin(
    'packing',
    members.reduce((sum, { bytes }) => sum + bytes, first.bytes),
  );
  await writeArchive(made, [first, ...members], nowTs, (bytes) => {
    progress.add(bytes);
  });
  await rename(made, archive);
  return manifest;
}

/** The copies, and the archive beside them, which compresses to less. Gives how many bytes the copies have. */
async function mustHaveRoom(stage: string, sources: readonly Source[]): Promise<number> {
  let neededBytes = 0;
  for (const { file } of sources) neededBytes += (await stat(file)).size;
  const { bavail, bsize } = await statfs(stage);
  if (bavail * bsize > neededBytes) return neededBytes;
  const mb = (bytes: number): string => String(Math.ceil(bytes / 1e6));
  throw new GatewayError(
    'data_unwritable',
    `There is no room for the backup: its files have ${mb(neededBytes)} MB, and ${mb(bavail * bsize)} MB are free where it shall lie. Free space, or write it to another disk.`,
  );
}

async function copyStore(file: string, copy: string): Promise<number> {
  const engine = await loadSqlite();
  try {
    const ahead = readAheadOf(file);
    const schema = copyFile(engine, file, copy);
    foldAhead(engine, copy, ahead);
    return schema;
  } catch (thrown) {
    const { message } = asGatewayError(thrown);
    throw new GatewayError('store_failed', `${file} cannot be copied: ${message}.`, { cause: thrown });
  }
}

interface Hashed {
  readonly bytes: number;
  readonly sha256: string;
}

/** Of a journal, which grows while it is copied, no more than whole lines. */
async function copied({ file, path }: Source, copy: string): Promise<Hashed> {
  const to = await open(copy, 'wx+', 0o600);
  try {
    let wholeBytes = 0;
    let bytes = 0;
    for await (const chunk of chunksOf(file)) {
      await to.writeFile(chunk);
      const end = chunk.lastIndexOf(0x0a);
      if (end >= 0) wholeBytes = bytes + end + 1;
      bytes += chunk.length;
    }
    if (path === JOURNAL) await to.truncate(wholeBytes);
  } finally {
    await to.close();
  }
  return hashed(copy);
}

async function hashed(file: string): Promise<Hashed> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunksOf(file)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** As long as it is now: what is appended meanwhile is left out. */
async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file: FileHandle = await open(path, 'r');
  try {
    const { size } = await file.stat();
    for (let at = 0; at < size;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(CHUNK_BYTES, size - at)));
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
