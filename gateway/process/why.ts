// Why a file cannot be had or written, in words: Node's own sentence names a call of the kernel and the path again.

/** Of what needs other rights. */
export const NOT_YOURS = 'this user may not';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'what should be its folder is a file',
  EISDIR: 'it is a folder',
  EACCES: NOT_YOURS,
  EPERM: NOT_YOURS,
  EEXIST: 'it is there already',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  EFBIG: 'it would be larger than a file may be here',
  EROFS: 'the disk is read-only',
  ELOOP: 'it is a link that leads to itself',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EBUSY: 'something else uses it',
  EIO: 'the disk gives an error',
};

/** `it is not there`; where nothing is known of the error, what it says itself. */
export function whyOf(thrown: unknown): string {
  return wordsOf(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
}

/** The same of a new file: what is not there then is its folder. */
export function whyNotWritten(thrown: unknown): string {
  return codeOf(thrown) === 'ENOENT' ? 'its folder is not there' : whyOf(thrown);
}

function wordsOf(thrown: unknown): string | undefined {
  const code = codeOf(thrown);
  return code !== undefined && Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
}
