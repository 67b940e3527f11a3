// Writes a .tar.gz, file by file, without ever having more than a piece of one in memory.
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { BLOCK_BYTES, headerOf, paddingOf, type TarMember } from './tar-header.js';

export interface ArchiveMember extends TarMember {
  /** A file of this machine, of exactly `bytes`; or the text itself. */
  readonly content: { readonly file: string } | { readonly text: string };
}

/** Of its owner alone: there are keys and hashes of passwords in it. */
const OWNER_ONLY = 0o600;

/** A new file, on disk when it resolves. `onBytes` is told of what was read. Rejects with what the disk says. */
export async function writeArchive(
  path: string,
  members: readonly ArchiveMember[],
  modifiedTs: number,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const blocks = Readable.from(blocksOf(members, modifiedTs, onBytes));
  await pipeline(blocks, createGzip(), createWriteStream(path, { flags: 'wx', mode: OWNER_ONLY }));
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function* blocksOf(
  members: readonly ArchiveMember[],
  modifiedTs: number,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for (const member of members) {
    yield headerOf(member, modifiedTs);
    let written = 0;
    for await (const chunk of chunksOf(member.content)) {
      written += chunk.length;
      onBytes(chunk.length);
      yield chunk;
    }
    if (written !== member.bytes) throw new Error(`${member.name} changed while it was read`);
    yield Buffer.alloc(paddingOf(written));
  }
  // Two empty blocks end an archive.
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

async function* chunksOf(content: ArchiveMember['content']): AsyncGenerator<Buffer> {
  if ('text' in content) yield Buffer.from(content.text);
  else yield* createReadStream(content.file) as AsyncIterable<Buffer>;
}
