// Which files make up a gateway: its configuration, what that names, and what of the data folder no start makes anew.
import { statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { GatewayConfig } from '../../shared/config/config.js';
import { GatewayError } from '../../shared/errors.js';
import { whyOf } from '../process/why.js';
import { DATA_FILES } from './manifest.js';

export interface Source {
  /** On this machine. */
  readonly file: string;
  /** In the backup. */
  readonly path: string;
  readonly mode: number;
  /** Where it lies, for what the configuration names outside of its own folder. */
  readonly from?: string;
}

export interface Contents {
  readonly sources: readonly Source[];
  /** What the configuration names and is not there. */
  readonly missing: readonly string[];
}

/** Keys and hashes: whatever they were, a restored one is its owner's alone. */
const SECRET = 0o600;

/** The configuration first. */
export function configContents(file: string, config: GatewayConfig): Contents {
  const folder = dirname(resolve(file));
  const named = namedBy(config).map(({ name, isSecret }) => ({ file: resolve(folder, name), isSecret }));
  const found: Source[] = [{ file, path: `config/${basename(file)}`, mode: modeOf(file) }];
  const missing: string[] = [];
  for (const { file: one, isSecret } of named) {
    if (found.some((other) => resolve(other.file) === one)) continue;
    if (statSync(one, { throwIfNoEntry: false })?.isFile() !== true) missing.push(one);
    else
      found.push({ file: one, ...placeOf(one, folder, found.length), mode: isSecret ? SECRET : modeOf(one) });
  }
  return { sources: found, missing };
}

export function dataContents(dataDir: string): readonly Source[] {
  return DATA_FILES.map((name) => ({ file: join(dataDir, name), path: `data/${name}` }))
    .filter(({ file }) => isThere(file))
    .map((source) => ({ ...source, mode: modeOf(source.file) }));
}

/** Throws data_unwritable where this user may not look: that is not the same as none. */
function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOTDIR') return false;
    throw new GatewayError('data_unwritable', `${file} cannot be looked at: ${whyOf(cause)}.`, { cause });
  }
}

function namedBy({ users, tls, devices }: GatewayConfig): { name: string; isSecret: boolean }[] {
  const firmware = [...devices.values()].flatMap(({ type }) => type.simulate?.firmware ?? []);
  const open = [users?.aclFile, tls?.certificate, tls?.clientCa, ...new Set(firmware)];
  return [
    ...[users?.passwordFile, users?.tokenFile, tls?.key].map((name) => ({ name, isSecret: true })),
    ...open.map((name) => ({ name, isSecret: false })),
  ].flatMap(({ name, isSecret }) => (name === undefined ? [] : [{ name, isSecret }]));
}

function placeOf(file: string, folder: string, number: number): Pick<Source, 'path' | 'from'> {
  const inside = relative(folder, file);
  if (!isAbsolute(inside) && inside.split('/')[0] !== '..') return { path: `config/${inside}` };
  return { path: `elsewhere/${String(number)}/${basename(file)}`, from: file };
}

function modeOf(file: string): number {
  return statSync(file).mode & 0o777;
}
