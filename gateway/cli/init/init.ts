// `init`: a first configuration that `check` passes.
import { existsSync, lstatSync } from 'node:fs';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { stderr, stdin } from 'node:process';
import { GatewayError } from '../../../shared/errors.js';
import type { ScanReport } from '../../../bridge/requests/scan-bus.js';
import { withPassword } from '../../broker/rights/password-file.js';
import { makeHash } from '../../broker/rights/password-hash.js';
import { parseConfig } from '../../config/load.js';
import { checkBusPath } from '../../i2c/linux/bus-path.js';
import { defaultDataFolder } from '../../process/paths.js';
import { askBus } from '../bus/raw.js';
import { quoted } from '../run/banner.js';
import { printAnswer } from '../print/answer.js';
import { checked } from '../run/check.js';
import { askPassword } from '../users/ask-password.js';
import { changeFile } from '../users/change-file.js';
import { checkName } from '../users/files.js';
import { giveRole, givenLines } from '../users/user.js';
import type { InitOptions } from './commands.js';
import { askWishes, type Around } from './questions.js';
import { atTerminal } from './terminal.js';
import { configText, PASSWORDS } from './text.js';
import { SIMULATED, wishesOf, type Wishes } from './wishes.js';
import { whyNotWritten } from '../../process/why.js';

const ENVIRONMENT = '.env';

export async function init(file: string, options: InitOptions): Promise<void> {
  const { force = false, json = false, ...flags } = options;
  // Before anything is asked.
  if (!force) refuseExisting(file);
  needsFolder(file);
  const hasNoFlags = Object.keys(flags).length === 0;
  const isAsked = hasNoFlags && !json && stdin.isTTY && stderr.isTTY;
  const wishes = isAsked
    ? await atTerminal(async (asker) => askWishes(asker, await around()))
    : wishesOf(flags);
  const text = configText(wishes, file);
  // All that can be wrong with it is found before anything is written.
  parseConfig(text, file);
  if (wishes.bus !== SIMULATED) checkBusPath(wishes.bus);
  if (wishes.mongodbUri !== undefined && !force) await refuseOtherUri();
  const makeUser = await userMaker(wishes.user, file);
  await write(file, text, force);
  const told = [`${file} is written`];
  if (wishes.mongodbUri !== undefined) told.push(await keepUri(wishes.mongodbUri));
  told.push(...(await makeUser()));
  const { document, lines } = await checked(file);
  const next = nextOf(file, wishes);
  printAnswer(json, { ...document, told, next }, () => [
    ...told,
    ...lines,
    '',
    'Next:',
    ...next.map((line) => `  ${line}`),
  ]);
}

/** The password is asked for now; what it gives makes the user, as soon as there is a configuration. */
async function userMaker(name: string | undefined, file: string): Promise<() => Promise<readonly string[]>> {
  if (name === undefined) return () => Promise.resolve([]);
  checkName(name);
  const hash = await makeHash(await askPassword(name));
  return async () => {
    const passwords = resolve(dirname(file), PASSWORDS);
    await changeFile(passwords, (text = '') => withPassword(text, name, hash));
    const { file: rights, lines } = await giveRole(name, 'operator', file);
    return [
      `${passwords}: ${name} has a password, and may read and command:`,
      ...givenLines(name, rights, lines),
    ];
  };
}

function refuseExisting(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return;
  throw new GatewayError(
    'bad_argument',
    `${file} is there already. Name another file, or replace it with --force.`,
  );
}

function needsFolder(file: string): void {
  if (existsSync(dirname(file))) return;
  throw new GatewayError('bad_argument', `${file} cannot be written: its folder is not there.`);
}

async function around(): Promise<Around> {
  const names = await readdir('/dev').catch(() => []);
  return {
    buses: names.filter((name) => /^i2c-\d+$/.test(name)).map((name) => `/dev/${name}`),
    scan: async (bus) => {
      const asked = { bus, probe: 'quick' };
      const { found } = (await askBus({ bus, data: defaultDataFolder }, 'scan', asked)) as ScanReport;
      return found.map(({ address }) => address);
    },
  };
}

/** Whole, beside what it replaces: a first start never reads half of it. */
async function write(file: string, text: string, force: boolean): Promise<void> {
  const beside = `${file}.new`;
  try {
    const opened = await open(beside, 'w', 0o644);
    try {
      await opened.writeFile(text);
      await opened.sync();
    } finally {
      await opened.close();
    }
    if (!force) refuseExisting(file);
    await rename(beside, file);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    const why = whyNotWritten(cause);
    throw new GatewayError('bad_argument', `${file} cannot be written: ${why}.`, { cause });
  } finally {
    await rm(beside, { force: true });
  }
}

async function refuseOtherUri(): Promise<void> {
  const text = await readFile(ENVIRONMENT, 'utf8').catch(() => '');
  if (!/^MONGODB_URI=/m.test(text)) return;
  throw new GatewayError(
    'bad_argument',
    `${ENVIRONMENT} has a MONGODB_URI already. Nothing was written; --force replaces it.`,
  );
}

/** Its password is for nobody else: in the file that a start from this folder reads. */
async function keepUri(uri: string): Promise<string> {
  await changeFile(ENVIRONMENT, (text = '') => {
    const others = text.split('\n').filter((line) => line !== '' && !line.startsWith('MONGODB_URI='));
    return `${[...others, `MONGODB_URI="${uri}"`].join('\n')}\n`;
  });
  return `${resolve(ENVIRONMENT)} has MONGODB_URI: start the gateway from this folder`;
}

function nextOf(file: string, { bus, dataDir }: Wishes): string[] {
  const simulate = bus === SIMULATED ? ' --simulate' : '';
  const data = dataDir === defaultDataFolder ? '' : ` --data ${quoted(dataDir)}`;
  const words = `--config ${quoted(file)}${simulate}${data}`;
  return [`npx i2c-mqtt-gateway doctor ${words}`, `npx i2c-mqtt-gateway start ${words}`];
}
