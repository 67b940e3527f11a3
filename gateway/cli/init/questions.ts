// What somebody at a terminal is asked for a first configuration.
import { isLoopback } from '../../../shared/config/loopback.js';
import { GatewayError } from '../../../shared/errors.js';
import { checkName } from '../users/files.js';
import { addressesOf, idOf, portOf, SIMULATED, SOUND, uriOf, type Wishes } from './wishes.js';

export interface Asker {
  /** What was typed; the fallback where that is nothing. Rejects where the questions are broken off. */
  ask(question: string, fallback: string): Promise<string>;
  say(line: string): void;
}

export interface Around {
  /** Of this machine: /dev/i2c-1. */
  readonly buses: readonly string[];
  /** The addresses that answer: 0x20. Rejects as a bus does. */
  scan(path: string): Promise<readonly string[]>;
}

export async function askWishes(asker: Asker, around: Around): Promise<Wishes> {
  asker.say(
    'A few questions. What stands in brackets is taken where nothing is typed; Ctrl-C ends it, and nothing is written.',
  );
  const gateway = await until(asker, 'A name for this gateway, its place in all topics', SOUND.gateway, idOf);
  const bus = await askBus(asker, around.buses);
  const addresses = bus === SIMULATED ? [] : await askDevices(asker, around, bus);
  const kept =
    'Address of a MongoDB to keep samples in, such as mongodb://host/database; none keeps them in the data folder';
  const mongodbUri = await until(asker, kept, 'none', (text) => uriOf(text === 'none' ? '' : text));
  const dataDir = await asker.ask('The data folder', SOUND.dataDir);
  const mqttPort = await until(asker, 'Port of the MQTT broker', String(SOUND.mqttPort), portOf);
  const httpPort = await until(asker, 'Port of the page', String(SOUND.httpPort), portOf);
  const host = await until(asker, 'Shall other machines reach it? yes or no', 'no', hostOf);
  const user = isLoopback(host)
    ? undefined
    : await until(asker, 'Then it needs a first user, by name', 'admin', nameOf);
  return { gateway, bus, addresses, mongodbUri, dataDir, mqttPort, httpPort, host, user };
}

async function askBus(asker: Asker, buses: readonly string[]): Promise<string> {
  if (buses.length === 0) asker.say('This machine has no I²C bus that is switched on; doctor says more.');
  const choice = [...buses, SIMULATED];
  return until(asker, `The bus: ${choice.join(', ')}`, choice[0] ?? SIMULATED, (text) => {
    if (choice.includes(text) || text.startsWith('/dev/')) return text;
    throw new GatewayError('bad_argument', `One of ${choice.join(', ')}, or another path below /dev.`);
  });
}

async function askDevices(asker: Asker, around: Around, bus: string): Promise<readonly number[]> {
  const wants = await until(
    asker,
    `Look now who answers on ${bus}? No byte is moved. yes or no`,
    'yes',
    isYes,
  );
  const found = wants ? await scanned(asker, around, bus) : [];
  if (found.length === 0)
    return until(asker, 'Addresses of its devices, such as 0x20 0x21', 'none', chosen([]));
  asker.say(`There answer ${found.join(', ')}.`);
  return until(asker, 'Which of these shall be devices? all, none, or some of them', 'all', chosen(found));
}

/** A bus that does not open is no reason to give the questions up. */
async function scanned(asker: Asker, around: Around, bus: string): Promise<readonly string[]> {
  try {
    const found = await around.scan(bus);
    if (found.length === 0) asker.say('Nobody answers.');
    return found;
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    asker.say(thrown.message);
    return [];
  }
}

function chosen(found: readonly string[]): (text: string) => readonly number[] {
  return (text) => addressesOf(text === 'all' ? found.join(' ') : text === 'none' ? '' : text);
}

function isYes(text: string): boolean {
  if (/^(y|yes)$/i.test(text)) return true;
  if (/^(n|no)$/i.test(text)) return false;
  throw new GatewayError('bad_argument', 'yes or no.');
}

function hostOf(text: string): string {
  return isYes(text) ? '0.0.0.0' : SOUND.host;
}

function nameOf(text: string): string {
  checkName(text);
  return text;
}

/** Asked again, with what was wrong, until it makes sense. */
async function until<T>(
  asker: Asker,
  question: string,
  fallback: string,
  read: (text: string) => T,
): Promise<T> {
  for (;;) {
    const text = (await asker.ask(question, fallback)).trim();
    try {
      return read(text);
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown;
      asker.say(thrown.message);
    }
  }
}
