// What somebody wants of a first configuration: as it was typed, or as it is without a word.
import { FIRST_ADDRESS, LAST_ADDRESS } from '../../../shared/addresses.js';
import { isLoopback } from '../../../shared/config/loopback.js';
import { GatewayError } from '../../../shared/errors.js';
import { ID_PATTERN } from '../../../shared/topics.js';
import { defaultDataFolder } from '../../process/paths.js';
import type { InitOptions } from './commands.js';

export const SIMULATED = 'simulated';

export interface Wishes {
  readonly gateway: string;
  /** `simulated`, or /dev/i2c-1. */
  readonly bus: string;
  readonly addresses: readonly number[];
  readonly host: string;
  readonly mqttPort: number;
  readonly httpPort: number;
  readonly user?: string | undefined;
  readonly mongodbUri?: string | undefined;
  readonly dataDir: string;
}

export const SOUND: Wishes = {
  ...{ gateway: 'garden', bus: SIMULATED, addresses: [] },
  ...{ host: '127.0.0.1', mqttPort: 1883, httpPort: 8080, dataDir: defaultDataFolder },
};

/** Throws bad_argument. */
export function wishesOf(options: InitOptions): Wishes {
  const { gateway = SOUND.gateway, bus = SOUND.bus, host = SOUND.host, data = SOUND.dataDir } = options;
  const wishes: Wishes = {
    ...{ gateway: idOf(gateway), bus, host, dataDir: data },
    addresses: (options.device ?? []).flatMap((text) => addressesOf(text)),
    mqttPort: portOf(options.mqttPort ?? String(SOUND.mqttPort)),
    httpPort: portOf(options.httpPort ?? String(SOUND.httpPort)),
    ...{ user: options.user, mongodbUri: uriOf(options.mongodb ?? '') },
  };
  if (!isLoopback(host) && wishes.user === undefined)
    throw new GatewayError(
      'bad_argument',
      `From ${host} everybody could come in: name a first user with --user, or leave --host out.`,
    );
  if (bus === SIMULATED && wishes.addresses.length > 0)
    throw new GatewayError(
      'bad_argument',
      'Devices at a simulated bus are made up: name the real one with --bus.',
    );
  return wishes;
}

export function idOf(text: string): string {
  if (ID_PATTERN.test(text)) return text;
  throw new GatewayError(
    'bad_argument',
    'The name of a gateway has 1 to 64 of a to z, 0 to 9, _ and -, and begins with a letter or digit.',
  );
}

export function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new GatewayError('bad_argument', `A port is a whole number up to 65535, not ${text}.`);
}

/** `0x20 0x21`, or with commas between. */
export function addressesOf(text: string): number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const addresses = words.map((word) => {
    const address = /^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(word) ? Number(word) : -1;
    if (address >= FIRST_ADDRESS && address <= LAST_ADDRESS) return address;
    throw new GatewayError('bad_argument', `An address is 0x04 to 0x77, not ${word}.`);
  });
  return [...new Set(addresses)];
}

/** Empty is none: then samples stay in the data folder. */
export function uriOf(text: string): string | undefined {
  if (text === '') return undefined;
  if (/^mongodb(\+srv)?:\/\/[^\s/]+/.test(text) && !/[\n\r"'`]/.test(text)) return text;
  throw new GatewayError('bad_argument', 'The address of a MongoDB is like mongodb://host/database.');
}
