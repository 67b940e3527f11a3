// A folder of a test's own, gone when the test is over.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Who ends what was begun for it: a test, or a bench. */
export interface Ends {
  after(end: () => unknown): void;
}

/** A new empty folder; it and what is in it are deleted after the test `t`, also when the test failed. */
export async function temporaryFolder(t: Ends): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'i2c-mqtt-gateway-'));
  // Hooks run in the order they were set: a process that writes here may be ended only by a later one.
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  return folder;
}
