// `service`: the unit that systemd runs the gateway by, for this installation: printed, installed or removed.
import { access, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { env, execPath, stderr, stdout } from 'node:process';
import { GatewayError } from '../../../shared/errors.js';
import { packageRoot } from '../../process/paths.js';
import {
  BUS_GROUP,
  checkMayInstall,
  checkUserName,
  CONFIG_FOLDER,
  DATA_FOLDER,
  hasGroup,
  SERVICE,
  type Host,
} from '../../service/host.js';
import { installSteps, removeSteps, type Wanted } from '../../service/install.js';
import { runSteps } from '../../service/step.js';
import { unitOf } from '../../service/unit.js';
import { printAnswer } from '../print/answer.js';
import type { ServiceAction, ServiceOptions } from './service-words.js';

type Say = (line: string) => void;

/** `host` is another than this machine only in tests. Rejects as what it does. */
export async function service(
  action: ServiceAction,
  options: ServiceOptions,
  host: Host = { root: '/', env, userId: process.getuid?.() },
): Promise<void> {
  const { json, user } = options;
  checkUserName(user);
  const said: string[] = [];
  const say: Say = (line) => {
    if (json === true) said.push(line);
    else stdout.write(`${line}\n`);
  };
  if (action === 'print') {
    const { unit } = await wantedOf(host, options);
    if (json === true) printAnswer(json, { action, unit }, () => []);
    else stdout.write(unit);
    return;
  }
  await (action === 'install' ? install(host, options, say) : remove(host, options, say));
  if (json === true) printAnswer(json, { action, said }, () => []);
}

/** Rejects with forbidden where this is not root, and with service_failed where there is no systemd or a step fails. */
async function install(host: Host, options: ServiceOptions, say: Say): Promise<void> {
  const isDryRun = options.dryRun === true;
  const wanted = await wantedOf(host, options);
  if (!isDryRun) await checkMayInstall(host, `${SERVICE} service install --config ${wanted.config}`);
  await runSteps(await installSteps(host, wanted), { isDryRun, say });
  if (isDryRun) return;
  say(`It runs: systemctl status ${SERVICE}, journalctl -u ${SERVICE}. Its data: ${DATA_FOLDER}.`);
}

async function remove(host: Host, options: ServiceOptions, say: Say): Promise<void> {
  const isDryRun = options.dryRun === true;
  if (!isDryRun) await checkMayInstall(host, `${SERVICE} service remove`);
  const steps = await removeSteps(host);
  if (steps.length === 0) say('No service is installed.');
  await runSteps(steps, { isDryRun, say });
  say(
    `Kept: the data in ${DATA_FOLDER}, the configuration in ${CONFIG_FOLDER}, and the user ${options.user}.`,
  );
}

/** Rejects with config_unreadable where the file is not there. */
async function wantedOf(host: Host, { config, user }: ServiceOptions): Promise<Wanted> {
  const file = resolve(config);
  await access(file).catch((cause: unknown) => {
    throw new GatewayError(
      'config_unreadable',
      `There is no file ${file} that can be read: make one with init, or name another by --config.`,
      { cause },
    );
  });
  const groups = (await hasGroup(host, BUS_GROUP)) ? [BUS_GROUP] : [];
  if (groups.length === 0)
    stderr.write(
      `This machine has no group ${BUS_GROUP}, so the unit names none: add SupplementaryGroups= with the group of /dev/i2c-*.\n`,
    );
  const program = await realpath(join(packageRoot, 'dist', 'gateway', 'main.js'));
  const unit = unitOf({ node: execPath, program, config: file, user, groups, stateDirectory: SERVICE });
  return { user, unit, node: execPath, program, config: file };
}
