// A folder of a test's own, gone when the test is over.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A new empty folder; it and what is in it are deleted after the test `t`, also when the test failed. */
export async function temporaryFolder(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'i2c-mqtt-gateway-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
