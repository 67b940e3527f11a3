// `names`: what a configuration or the gateway of a data folder has names of, quickly: nothing is checked or started.
import { stdout } from 'node:process';
import type { ListedAlarm } from '../../../bridge/alarms/keeper.js';
import { askGateway } from '../../control/ask.js';
import type { ListedDevices } from '../../control/device-handlers.js';
import { toldDevices } from '../../left-behind/told-devices.js';
import { columns } from '../print/columns.js';
import { printable } from '../print/printable.js';
import type { Named, NamesOptions } from './commands.js';
import { configNames, type Name } from './config-names.js';

/** Where the service's file is, and the one that `init` makes. */
const USUAL_FILES = ['gateway.yaml', '/etc/i2c-mqtt-gateway/gateway.yaml'];

/** Rejects with config_unreadable where the named file cannot be read. */
export async function names(what: Named, of: readonly string[], options: NamesOptions): Promise<void> {
  const found = await namesOf(what, of, options);
  if (options.json === true) stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else if (stdout.isTTY)
    for (const line of columns(found.map(({ name, label = '' }) => [name, label]))) stdout.write(`${line}\n`);
  else
    for (const { name, label = '' } of found)
      stdout.write(`${[name, ...(label === '' ? [] : [label])].map(printable).join('\t')}\n`);
}

async function namesOf(
  what: Named,
  of: readonly string[],
  { config, data }: NamesOptions,
): Promise<readonly Name[]> {
  if (config !== undefined) return configNames(config, what, of);
  const told = await ofRunning(data, what, of);
  if (told.length > 0) return told;
  for (const file of USUAL_FILES) {
    // Not named by anybody: what is wrong with it is for `check` to say.
    const found = await configNames(file, what, of).catch(() => []);
    if (found.length > 0) return found;
  }
  return [];
}

/** Of one that runs its devices and all of theirs; of one that has ended the names of its devices. */
async function ofRunning(dataDir: string, what: Named, of: readonly string[]): Promise<readonly Name[]> {
  if (what === 'buses' || what === 'users') return [];
  const [device = '', command = ''] = of;
  if (what === 'alarms') return alarmsOf(dataDir, device);
  const answer = await askGateway(dataDir, 'devices', {}).catch(() => undefined);
  if (answer === undefined)
    return what === 'devices' ? (await toldDevices(dataDir)).map((name) => ({ name })) : [];
  const { devices } = answer.data as ListedDevices;
  if (what === 'devices') return devices.map(({ id, meta }) => named(id, meta.label));
  const commands = devices.find(({ id }) => id === device)?.meta.commands ?? {};
  if (what === 'commands') return Object.entries(commands).map(([id, { label }]) => named(id, label));
  const args = Object.hasOwn(commands, command) ? (commands[command]?.args ?? {}) : {};
  return Object.entries(args).map(([id, { label }]) => named(`${id}=`, label));
}

async function alarmsOf(dataDir: string, device: string): Promise<readonly Name[]> {
  const answer = await askGateway(dataDir, 'alarms', { device }).catch(() => undefined);
  const { alarms = [] } = (answer?.data ?? {}) as { readonly alarms?: readonly ListedAlarm[] };
  return alarms.map(({ alarm, label }) => named(alarm, label));
}

function named(name: string, label?: string): Name {
  return label === undefined ? { name } : { name, label };
}
