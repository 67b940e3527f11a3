// A restore moves several files into the data folder, one after the other. While it does, a mark lies there: cut off in
// between, what is there is of two gateways, and nothing may go on with it.
import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../../../shared/errors.js';

const MARK = 'restore.unfinished';

export function markRestore(dataDir: string): void {
  const file = openSync(join(dataDir, MARK), 'w', 0o600);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export function unmarkRestore(dataDir: string): void {
  rmSync(join(dataDir, MARK), { force: true });
}

/** For a start. Throws store_failed. */
export function refuseHalfRestored(dataDir: string): void {
  if (!existsSync(join(dataDir, MARK))) return;
  throw new GatewayError(
    'store_failed',
    `A restore into the data folder ${dataDir} was cut off in the middle. Do it again, with --force; what was there before lies beside it (*.before-restore-*).`,
  );
}
