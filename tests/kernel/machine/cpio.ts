// An archive as the kernel unpacks into its first root folder: cpio, "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst).

export interface ArchivedFile {
  readonly path: string;
  readonly content: Buffer | 'folder';
}

const FOLDER_MODE = 0o040755;
const PROGRAM_MODE = 0o100755;
const END = 'TRAILER!!!';

/** Folders must stand before what is in them. Every file may be executed. */
export function cpioOf(files: readonly ArchivedFile[]): Buffer {
  const end: ArchivedFile = { path: END, content: Buffer.alloc(0) };
  return Buffer.concat([...files, end].flatMap((file, index) => entryOf(file, index + 1)));
}

function entryOf({ path, content }: ArchivedFile, inode: number): Buffer[] {
  const bytes = content === 'folder' ? Buffer.alloc(0) : content;
  const mode = content === 'folder' ? FOLDER_MODE : PROGRAM_MODE;
  // Inode, mode, owner, group, links, time, size, device and special device as major and minor, length of the name, checksum.
  const numbers = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, path.length + 1, 0];
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${path}\0`;
  return [padded(Buffer.from(header, 'latin1')), padded(bytes)];
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
