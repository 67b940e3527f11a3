// Where `tests/brokers/prepare` puts the brokers, and the results of the brokers measured so far: outside the repository.
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

export const CACHE = env['BROKERS_CACHE'] ?? join(homedir(), '.cache', 'i2c-mqtt-gateway', 'brokers');

export function cached(...path: readonly string[]): string {
  return join(CACHE, ...path);
}

/** The first file of the cache's folder whose name matches, as its first group: a version, usually. */
export function cachedName(folder: string, name: RegExp): string | undefined {
  const path = cached(folder);
  if (!existsSync(path)) return undefined;
  return readdirSync(path)
    .map((file) => name.exec(file)?.[1])
    .find((found) => found !== undefined);
}
