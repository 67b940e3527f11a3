// The names in a configuration file, whether it is sound or not.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { withBases } from '../../../shared/config/resolve/bases.js';
import { GatewayError } from '../../../shared/errors.js';
import { ID_PATTERN } from '../../../shared/topics.js';
import { chipLibrary } from '../../config/library.js';
import { whyOf } from '../../process/why.js';
import type { Named } from './commands.js';

export interface Name {
  readonly name: string;
  readonly label?: string;
}

/** A larger one is none; see config/load.ts. */
const MOST_CHARS = 4 * 1024 * 1024;
/** Of a user: what a shell would obey is left out. */
const PLAIN = /^[\w.@-]{1,64}$/;

/** Rejects with config_unreadable. Ids alone, and no text that a shell would obey. */
export async function configNames(
  file: string,
  what: Named,
  of: readonly string[],
): Promise<readonly Name[]> {
  const config = await dataOf(file);
  // Those are listed to be acknowledged, by the gateway that has raised them.
  if (what === 'alarms') return [];
  if (what === 'users') return usersOf(file, config);
  if (what === 'buses') return ids(config['buses']);
  const devices = record(config['devices']);
  if (what === 'devices') return ids(devices);
  const [device = '', command = ''] = of;
  // What is wrong with a base is for `check` to say.
  const { types } = record(withBases(config, chipLibrary, []));
  const type = record(record(types)[String(record(devices[device])['type'])]);
  const commands = record(type['commands']);
  if (what === 'commands') return ids(commands);
  return ids(record(commands[command])['args']).map(({ name, ...rest }) => ({ name: `${name}=`, ...rest }));
}

async function dataOf(file: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new GatewayError(
      'config_unreadable',
      `The configuration ${file} cannot be read: ${whyOf(cause)}.`,
      {
        cause,
      },
    );
  });
  if (text.length > MOST_CHARS) return {};
  try {
    return record(parseDocument(text, { logLevel: 'error', strict: false }).toJS({ maxAliasCount: 100 }));
  } catch {
    // What is wrong with it is for `check` to say.
    return {};
  }
}

/** Of the password file. */
async function usersOf(file: string, config: Readonly<Record<string, unknown>>): Promise<readonly Name[]> {
  const passwords = record(config['users'])['password_file'];
  if (typeof passwords !== 'string') return [];
  const text = await readFile(resolve(dirname(file), passwords), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name = ''] = line.split(':', 1);
    return PLAIN.test(name) ? [{ name }] : [];
  });
}

function ids(section: unknown): Name[] {
  return Object.entries(record(section)).flatMap(([name, entry]) => {
    if (!ID_PATTERN.test(name)) return [];
    const { label } = record(entry);
    return [typeof label === 'string' ? { name, label: label.slice(0, 100) } : { name }];
  });
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
