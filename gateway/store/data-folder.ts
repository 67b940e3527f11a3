// The folder everything of one gateway lies in.
import { mkdir } from 'node:fs/promises';
import { GatewayError } from '../../shared/errors.js';

/** Makes the folder where it is missing. Rejects with data_unwritable. */
export async function makeDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
  } catch (thrown) {
    throw new GatewayError(
      'data_unwritable',
      `The data folder ${dataDir} cannot be made. Check its path and permissions.`,
      { cause: thrown },
    );
  }
}
