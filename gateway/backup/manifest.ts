// The first file of a backup: what is in it, from which version, and the hash of each file.
import { z } from 'zod';
import { explain } from '../../bridge/payload/explain.js';
import { GatewayError } from '../../shared/errors.js';
import { fit } from '../../shared/config/fit.js';

export const MANIFEST = 'manifest.json';
/** Of the archive itself: one with a higher number is read by a newer program alone. */
export const FORMAT_VERSION = 1;
export const MOST_FILES = 1000;
/** A manifest of so many files with long names is smaller. */
export const MOST_MANIFEST_BYTES = 1024 * 1024;

/** In the data folder: all that is not made anew by a start. */
export const DATA_FILES = [
  'store.sqlite',
  'broker.journal',
  'retained.json',
  'alarms.json',
  'recorder-id',
] as const;

/** Below `config/`, `data/` or `elsewhere/`, and nowhere else: no `..`, no empty step, no absolute path. */
function isInside(path: string): boolean {
  const [place, ...steps] = path.split('/');
  const isPlain = (step: string): boolean => step !== '' && step !== '.' && step !== '..';
  if (steps.length === 0 || !steps.every(isPlain) || /[\0\\]/.test(path)) return false;
  if (place === 'data') return DATA_FILES.some((name) => path === `data/${name}`);
  return place === 'config' || place === 'elsewhere';
}

const file = z.object({
  path: z.string().max(1024).refine(isInside, 'leads out of the folders of a backup'),
  /** What it is called in the archive, where the path is too long for that. */
  member: z.string().max(100),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  mode: z.int().min(0).max(0o777),
  /** Where it lay, for what the configuration names outside of its own folder. */
  from: z.string().max(4096).optional(),
});

const manifest = z.object({
  format: z.literal('i2c-mqtt-gateway backup'),
  version: z.int().positive(),
  /** The version of the program that made it. */
  program: z.string().max(64),
  /** ISO 8601. */
  made: z.iso.datetime(),
  /** The id of the gateway, where a configuration is in it. */
  gateway: z.string().max(64).optional(),
  /** The path of the configuration in it. */
  config: z.string().max(1024).optional(),
  /** Of the store in it; absent where there is none. */
  schema: z.int().positive().optional(),
  files: z.array(file).min(1).max(MOST_FILES),
});

export type Manifest = z.infer<typeof manifest>;
export type BackupFile = z.infer<typeof file>;

/** Throws bad_argument for what is none, and store_failed for one of a newer program. */
export function parseManifest(text: string, archive: string, schemaVersion: number): Manifest {
  const found = fit(manifest, parsed(text));
  const version = fit(z.object({ version: z.int() }), parsed(text));
  if (version.success && version.data.version > FORMAT_VERSION) throw tooNew(archive, 'backup');
  if (!found.success) {
    const why = explain(found.problems.slice(0, 1));
    throw new GatewayError('bad_argument', `${archive} is no backup of a gateway: ${MANIFEST}: ${why}.`);
  }
  const { schema, files, config } = found.data;
  if (schema !== undefined && schema > schemaVersion) throw tooNew(archive, 'store');
  const names = files.flatMap(({ path, member }) => (path === member ? [path] : [path, member]));
  if (new Set(names).size < names.length)
    throw new GatewayError('bad_argument', `${archive} is no backup of a gateway: it has one name twice.`);
  if (config !== undefined && !files.some(({ path }) => path === config))
    throw new GatewayError('bad_argument', `${archive} lacks its configuration ${config}.`);
  return found.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What it should be is said by the schema.
    return undefined;
  }
}

function tooNew(archive: string, what: 'backup' | 'store'): GatewayError {
  return new GatewayError(
    'store_failed',
    `The ${what === 'store' ? 'store in ' : ''}${archive} was made by a newer version of the gateway. Update this one; nothing was changed.`,
  );
}
