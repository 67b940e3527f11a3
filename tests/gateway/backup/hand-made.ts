// Backups as nobody's program would write them: a manifest and members of the test's own.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { writeArchive, type ArchiveMember } from '../../../gateway/backup/archive-writer.js';
import { Progress } from '../../../gateway/process/progress.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

export const QUIET = new Progress({ write: () => true });

export interface Made {
  readonly path: string;
  readonly text: string;
  /** In the manifest alone. */
  readonly isAbsent?: boolean;
  /** What the manifest says, where that is not so. */
  readonly said?: Readonly<Record<string, unknown>>;
}

/** A sound one, but for what `about` and `said` make of it. */
export async function handMade(
  t: TestContext,
  files: readonly Made[],
  about: Readonly<Record<string, unknown>> = {},
  also: readonly ArchiveMember[] = [],
): Promise<string> {
  const manifest = {
    ...{ format: 'i2c-mqtt-gateway backup', version: 1, program: '0.1.0', made: '2026-11-23T01:02:03Z' },
    ...about,
    files: files.map(({ path, text, said }) => ({
      ...{ path, member: path, bytes: Buffer.byteLength(text), mode: 0o600 },
      ...{ sha256: createHash('sha256').update(text).digest('hex'), ...said },
    })),
  };
  const members = [
    member('manifest.json', JSON.stringify(manifest)),
    ...files.filter(({ isAbsent }) => isAbsent !== true).map(({ path, text }) => member(path, text)),
  ];
  const archive = join(await temporaryFolder(t), 'made.tar.gz');
  await writeArchive(archive, [...members, ...also], 0, () => undefined);
  return archive;
}

export function member(name: string, text: string): ArchiveMember {
  return { name, bytes: Buffer.byteLength(text), mode: 0o600, content: { text } };
}
