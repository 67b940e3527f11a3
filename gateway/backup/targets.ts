// Where the files of a backup go on this machine, and what lies there already.
import { lstatSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { GatewayError } from '../../shared/errors.js';
import { DATA_FILES, type BackupFile, type Manifest } from './manifest.js';

export type Part = 'config' | 'data';

export interface Place {
  readonly dataDir: string;
  /** The configuration's new name; without it the one it had, in the present folder. */
  readonly configFile?: string | undefined;
  readonly only?: Part | undefined;
}

export interface Target extends BackupFile {
  readonly to: string;
}

/** What SQLite and the store leave beside their file: it belongs to the one that is there. */
const COMPANIONS = [
  'store.sqlite-wal',
  'store.sqlite-shm',
  'store.sqlite.damaged',
  'outbox.ahead',
  'commands.ahead',
];

/** Throws bad_argument where two of them would be one file, or nothing is left. */
export function targetsOf(
  { files, config }: Manifest,
  { dataDir, configFile, only }: Place,
): readonly Target[] {
  const main = resolve(configFile ?? basename(config ?? 'gateway.yaml'));
  const targets = files
    .filter(({ path }) => only === undefined || (only === 'data') === path.startsWith('data/'))
    .map((file) => ({
      ...file,
      to: file.path === config ? main : placeOf(file.path, dirname(main), dataDir),
    }));
  if (targets.length === 0)
    throw new GatewayError('bad_argument', `There is nothing of --only ${only ?? ''} in it.`);
  const places = targets.map(({ to }) => to);
  const twice = places.find((to, index) => places.indexOf(to) < index);
  if (twice !== undefined)
    throw new GatewayError(
      'bad_argument',
      `Two files of the backup would be ${twice}: give another --config.`,
    );
  return targets;
}

function placeOf(path: string, configFolder: string, dataDir: string): string {
  if (path.startsWith('data/')) return resolve(dataDir, path.slice('data/'.length));
  return resolve(configFolder, path.startsWith('config/') ? path.slice('config/'.length) : path);
}

/** What would be lost under the new: also files of the data folder for which the backup has none. */
export function inTheWay(targets: readonly Target[], dataDir: string): readonly string[] {
  const ofStore = targets.some(isData)
    ? [...DATA_FILES, ...COMPANIONS].map((name) => resolve(join(dataDir, name)))
    : [];
  return [...new Set([...targets.map(({ to }) => to), ...ofStore])].filter(
    (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  );
}

export function isData({ path }: BackupFile): boolean {
  return path.startsWith('data/');
}
