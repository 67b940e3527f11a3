// Reads a backup from its beginning to its end, and believes nothing in it that its manifest does not vouch for.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { GatewayError } from '../../shared/errors.js';
import { SCHEMA_VERSION } from '../store/file/migrations.js';
import { readArchive, type ReadMember } from './archive-reader.js';
import { MANIFEST, MOST_MANIFEST_BYTES, parseManifest, type BackupFile, type Manifest } from './manifest.js';
import type { Progress } from '../process/progress.js';
import { damaged } from './tar-header.js';
import { whyOf } from '../process/why.js';

/** Where the bytes of one file go. */
export interface Sink {
  write(chunk: Buffer): Promise<void>;
  /** All of them came, and are what the manifest says. */
  end(): Promise<void>;
}

export interface BackupReader {
  /** Before any file comes; may refuse by rejecting. */
  begin?(manifest: Manifest): Promise<void>;
  /** Undefined for a file that is only checked. */
  sinkFor?(file: BackupFile): Promise<Sink | undefined>;
}

/** Resolves when every file was there and has its hash. Rejects with bad_argument or store_failed, or as the reader does. */
export async function readBackup(
  archive: string,
  progress: Progress,
  reader: BackupReader = {},
): Promise<Manifest> {
  progress.begin('reading', await sizeOf(archive));
  const onBytes = (bytes: number): void => {
    progress.add(bytes);
  };
  let manifest: Manifest | undefined;
  const awaited = new Map<string, BackupFile>();
  for await (const member of readArchive(archive, onBytes)) {
    if (manifest === undefined) {
      manifest = await readManifest(archive, member);
      for (const file of manifest.files) awaited.set(file.member, file);
      await reader.begin?.(manifest);
      continue;
    }
    const file = awaited.get(member.name);
    if (file === undefined) throw damaged(`${member.name} is not in its manifest, or twice in it`);
    awaited.delete(member.name);
    await take(member, file, await reader.sinkFor?.(file));
  }
  const [lacking] = awaited.values();
  if (lacking !== undefined) throw damaged(`${lacking.path} is not in it`);
  if (manifest === undefined) throw damaged('it is empty');
  return manifest;
}

async function sizeOf(archive: string): Promise<number> {
  try {
    return (await stat(archive)).size;
  } catch (cause) {
    throw new GatewayError('bad_argument', `${archive} cannot be read: ${whyOf(cause)}.`, { cause });
  }
}

async function readManifest(archive: string, { name, bytes, content }: ReadMember): Promise<Manifest> {
  if (name !== MANIFEST || bytes > MOST_MANIFEST_BYTES) throw damaged(`it does not begin with a ${MANIFEST}`);
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return parseManifest(Buffer.concat(chunks).toString(), archive, SCHEMA_VERSION);
}

async function take(member: ReadMember, file: BackupFile, sink: Sink | undefined): Promise<void> {
  if (member.bytes !== file.bytes) throw damaged(`${file.path} has not the size it should have`);
  const hash = createHash('sha256');
  for await (const chunk of member.content) {
    hash.update(chunk);
    await sink?.write(chunk);
  }
  if (hash.digest('hex') !== file.sha256)
    throw damaged(`${file.path} is not what was written (its SHA-256 differs)`);
  await sink?.end();
}
