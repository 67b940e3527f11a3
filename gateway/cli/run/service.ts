// `service print`: the unit that systemd runs the gateway by, for this installation.
import { access, readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execPath, stderr, stdout } from 'node:process';
import { GatewayError } from '../../../shared/errors.js';
import { packageRoot } from '../../process/paths.js';
import { unitOf } from '../../service/unit.js';

export interface ServiceOptions {
  readonly config: string;
  readonly user: string;
}

/** Of the devices /dev/i2c-*, by Debian's and Raspberry Pi OS's rules for udev. */
const GROUP = 'i2c';
const NAME = 'i2c-mqtt-gateway';

/** Rejects with config_unreadable where the file is not there, and with config_invalid where the user can't be one. */
export async function printService({ config, user }: ServiceOptions): Promise<void> {
  // useradd(8); anything else could be more lines of the unit.
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user))
    throw new GatewayError('config_invalid', `--user takes the name of a user, not ${user.slice(0, 64)}.`);
  const file = resolve(config);
  await access(file).catch((cause: unknown) => {
    throw new GatewayError('config_unreadable', `There is no file ${file} that can be read.`, { cause });
  });
  const groups = (await hasGroup(GROUP)) ? [GROUP] : [];
  if (groups.length === 0)
    stderr.write(
      `This machine has no group ${GROUP}, so the unit names none: add SupplementaryGroups= with the group of /dev/i2c-*.\n`,
    );
  const program = await realpath(join(packageRoot, 'dist', 'gateway', 'main.js'));
  stdout.write(unitOf({ node: execPath, program, config: file, user, groups, stateDirectory: NAME }));
}

async function hasGroup(name: string): Promise<boolean> {
  const lines = await readFile('/etc/group', 'utf8').catch(() => '');
  return lines.split('\n').some((line) => line.startsWith(`${name}:`));
}
