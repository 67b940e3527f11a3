// Secrets and addresses from the environment, and from the file `.env` of the folder the program is started in.
import { statSync } from 'node:fs';
import { env, loadEnvFile } from 'node:process';
import { asGatewayError, GatewayError } from '../../shared/errors.js';

const FILE = '.env';
const NAMES = ['MONGODB_URI', 'MQTT_URL'];

/** Adds what `.env` has and the environment has not. Throws config_unreadable. */
export function loadEnvironment(): void {
  try {
    // A folder of this name is somebody's Python environment.
    if (statSync(FILE, { throwIfNoEntry: false })?.isDirectory() === false) loadEnvFile(FILE);
  } catch (cause) {
    const { message } = asGatewayError(cause);
    throw new GatewayError('config_unreadable', `The file ${FILE} cannot be read: ${message}`, { cause });
  }
  // `MONGODB_URI=` is how container files and shells say "none".
  for (const name of NAMES) if (env[name] === '') Reflect.deleteProperty(env, name);
}
