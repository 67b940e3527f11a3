// What `service install` and `service remove` do to a machine, as steps that can be read before they are taken.
import {
  BUS_GROUP,
  CONFIG_FOLDER,
  DATA_FOLDER,
  hasGroup,
  hasUser,
  isThere,
  SERVICE,
  UNIT_FILE,
  type Host,
} from './host.js';
import { programStep, type Step } from './step.js';
import { findUnit, removeUnit, unitSteps } from './unit-file.js';

export interface Wanted {
  readonly user: string;
  /** The whole text of the unit. */
  readonly unit: string;
  /** Absolute paths, as in the unit. */
  readonly node: string;
  readonly program: string;
  readonly config: string;
}

/** What is there already is left as it is, so that a second run does nothing but start what does not run. */
export async function installSteps(host: Host, wanted: Wanted): Promise<Step[]> {
  const { user, unit, node, program, config } = wanted;
  const found = await findUnit(host, unit);
  const systemctl = (...words: string[]): Step => programStep(host.env, 'systemctl', ...words);
  return [
    ...(await userSteps(host, user)),
    ...(await folderSteps(host, CONFIG_FOLDER, 'root', user)),
    ...(await folderSteps(host, DATA_FOLDER, user, user)),
    // Homes are closed to others on many machines: better told here than by a service that never starts.
    programStep(host.env, 'runuser', '-u', user, '--', node, program, 'check', '--config', config),
    ...(await unitSteps(host, unit, found)),
    systemctl('daemon-reload'),
    systemctl('enable', '--now', SERVICE),
    // One that runs already runs by the old one.
    ...(found === 'another' ? [systemctl('restart', SERVICE)] : []),
  ];
}

/** Data, configuration, and the user that they belong to, stay. */
export async function removeSteps(host: Host): Promise<Step[]> {
  if (!(await isThere(host, UNIT_FILE))) return [];
  return [
    programStep(host.env, 'systemctl', 'disable', '--now', SERVICE),
    removeUnit(host),
    programStep(host.env, 'systemctl', 'daemon-reload'),
  ];
}

async function userSteps(host: Host, user: string): Promise<Step[]> {
  if (await hasUser(host, user)) return [];
  const own = (await hasGroup(host, user)) ? ['--gid', user] : ['--user-group'];
  const bus = (await hasGroup(host, BUS_GROUP)) ? ['--groups', BUS_GROUP] : [];
  const home = ['--home-dir', DATA_FOLDER, '--no-create-home', '--shell', '/usr/sbin/nologin'];
  return [programStep(host.env, 'useradd', '--system', ...own, ...bus, ...home, user)];
}

/** For its owner and its group, and nobody else: configurations name secrets. */
async function folderSteps(host: Host, folder: string, owner: string, group: string): Promise<Step[]> {
  if (await isThere(host, folder)) return [];
  const path = host.root === '/' ? folder : `${host.root}${folder}`;
  return [programStep(host.env, 'install', '-d', '-m', '0750', '-o', owner, '-g', group, path)];
}
