// Secrets and addresses from the environment, and from the file `.env` of the folder the program is started in.
import { readFileSync, statSync } from 'node:fs';
import { env } from 'node:process';
import { parseEnv } from 'node:util';
import { GatewayError } from '../../../shared/errors.js';
import { whyOf } from '../../process/why.js';

const FILE = '.env';
const NAMES = ['MONGODB_URI', 'MQTT_URL'];
/** Notepad's "UTF-8 with BOM": the first name of the file would begin with it, and be another. */
const BYTE_ORDER_MARK = /^\ufeff/;

/** Adds what `.env` has and the environment has not. Throws config_unreadable. */
export function loadEnvironment(): void {
  try {
    // A folder of this name is somebody's Python environment.
    if (statSync(FILE, { throwIfNoEntry: false })?.isDirectory() === false) addMissing();
  } catch (cause) {
    const why = whyOf(cause);
    throw new GatewayError('config_unreadable', `The file ${FILE} cannot be read: ${why}.`, { cause });
  }
  // `MONGODB_URI=` is how container files and shells say "none".
  for (const name of NAMES) if (env[name] === '') Reflect.deleteProperty(env, name);
}

function addMissing(): void {
  const found = parseEnv(readFileSync(FILE, 'utf8').replace(BYTE_ORDER_MARK, ''));
  for (const [name, value] of Object.entries(found)) env[name] ??= value;
}
