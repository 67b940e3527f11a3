// Reads a .tar.gz, member by member, in the order they lie in it and piece by piece.
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { GatewayError } from '../../shared/errors.js';
import { BLOCK_BYTES, damaged, paddingOf, parseHeader, type TarMember } from './tar-header.js';
import { whyOf } from '../process/why.js';

export interface ReadMember extends TarMember {
  /** To be read to its end before the next member is asked for. */
  readonly content: AsyncIterable<Buffer>;
}

/** Rejects with bad_argument where the file is missing, damaged, cut short or no archive. */
export async function* readArchive(
  path: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<ReadMember> {
  const file = createReadStream(path);
  const plain = createGunzip();
  // An error of the file ends what is read from it with that error.
  file.on('error', (error) => {
    plain.destroy(error);
  });
  file.on('data', (chunk) => {
    onBytes(chunk.length);
  });
  file.pipe(plain);
  try {
    yield* membersOf(new Pieces(plain[Symbol.asyncIterator]() as AsyncIterator<Buffer>));
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    const why = whyUnread(thrown);
    throw new GatewayError('bad_argument', `${path} cannot be read as a backup: ${why}.`, { cause: thrown });
  } finally {
    plain.destroy();
    file.destroy();
  }
}

async function* membersOf(pieces: Pieces): AsyncGenerator<ReadMember> {
  for (;;) {
    const member = parseHeader(await pieces.exactly(BLOCK_BYTES));
    if (member === undefined) break;
    yield { ...member, content: pieces.run(member.bytes) };
    await pieces.exactly(paddingOf(member.bytes));
  }
  // To the end, where the checksum of all of it is.
  await pieces.drain();
}

class Pieces {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterator<Buffer>) {
    this.#source = source;
  }

  /** Few bytes, in one piece. */
  async exactly(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.run(bytes)) parts.push(part);
    return Buffer.concat(parts);
  }

  async *run(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0;) {
      if (this.#rest.length === 0 && !(await this.#more())) throw damaged('it is cut short');
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async drain(): Promise<void> {
    while (await this.#more());
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#rest = next.value;
    return true;
  }
}

/** zlib says `incorrect header check`, and means that it is another kind of file. */
function whyUnread(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === 'Z_BUF_ERROR') return 'it ends in the middle: it was cut off';
  return code.startsWith('Z_') ? 'it is no .tar.gz, or damaged' : whyOf(thrown);
}
