// Argon2id, which Mosquitto 2.1 hashes passwords with where it was built in; Node has it from 24.7 on, where its OpenSSL does.
import * as crypto from 'node:crypto';

/** As Node's documentation has it ("crypto.argon2"); the types of Node 20 cannot know it. */
interface Parameters {
  readonly message: Buffer;
  readonly nonce: Buffer;
  readonly parallelism: number;
  readonly tagLength: number;
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
}

interface WithArgon2 {
  readonly argon2: (
    algorithm: 'argon2id',
    parameters: Parameters,
    callback: (err: Error | null, tag: Buffer) => void,
  ) => void;
  readonly argon2Sync: (algorithm: 'argon2id', parameters: Parameters) => Buffer;
}

export interface Argon2Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

const node: Partial<WithArgon2> = crypto as Partial<WithArgon2>;
let isThere: boolean | undefined;

/** Found out by the least that can be hashed: a Node may have the function, and an OpenSSL without it. */
export function hasArgon2(): boolean {
  isThere ??= canHash();
  return isThere;
}

function canHash(): boolean {
  const least = { parallelism: 1, tagLength: 16, memory: 8, passes: 1 };
  try {
    const tag = node.argon2Sync?.('argon2id', {
      message: Buffer.alloc(1),
      nonce: Buffer.alloc(8),
      ...least,
    });
    return tag !== undefined;
  } catch {
    return false;
  }
}

export async function argon2id(
  password: Buffer,
  salt: Buffer,
  { memoryKib, passes, lanes }: Argon2Cost,
  bytes: number,
): Promise<Buffer> {
  const parameters = { message: password, nonce: salt, parallelism: lanes, memory: memoryKib, passes };
  return new Promise((resolve, reject) => {
    if (node.argon2 === undefined) {
      reject(new Error('this Node has no Argon2'));
      return;
    }
    node.argon2('argon2id', { ...parameters, tagLength: bytes }, (err, tag) => {
      if (err === null) resolve(tag);
      else reject(err);
    });
  });
}
