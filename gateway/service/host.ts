// The machine that a service is installed on, as far as that asks: who is there, which folders, and whether systemd runs.
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../../shared/errors.js';

export interface Host {
  /** `/`; another folder in its place is for tests. */
  readonly root: string;
  /** Has the PATH where systemctl, useradd, install and runuser are looked for. */
  readonly env: NodeJS.ProcessEnv;
  /** Of whoever asks; undefined where the system knows no users by number. */
  readonly userId: number | undefined;
}

export const SERVICE = 'i2c-mqtt-gateway';

/** Of the devices /dev/i2c-*, by Debian's and Raspberry Pi OS's rules for udev. */
export const BUS_GROUP = 'i2c';

/** As the machine knows them, without the root of a test. */
export const UNIT_FILE = `/etc/systemd/system/${SERVICE}.service`;
export const CONFIG_FOLDER = `/etc/${SERVICE}`;
export const DATA_FOLDER = `/var/lib/${SERVICE}`;

/** Throws config_invalid. useradd(8) takes nothing else; it could also be more lines of the unit. */
export function checkUserName(user: string): void {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user))
    throw new GatewayError('config_invalid', `--user takes the name of a user, not ${user.slice(0, 64)}.`);
}

/** Rejects with service_failed where systemd does not run, and with forbidden where this is not root. */
export async function checkMayInstall(host: Host, words: string): Promise<void> {
  // sd_booted(3)
  if (!(await isThere(host, '/run/systemd/system')))
    throw new GatewayError(
      'service_failed',
      'systemd does not run here, so it can start no service. Run the gateway by `start`, from what starts programs here.',
    );
  if (host.userId !== 0)
    throw new GatewayError(
      'forbidden',
      `Only root may do that: sudo ${words} (--dry-run tells what is done).`,
    );
}

export function hasGroup(host: Host, name: string): Promise<boolean> {
  return hasEntry(host, '/etc/group', name);
}

export function hasUser(host: Host, name: string): Promise<boolean> {
  return hasEntry(host, '/etc/passwd', name);
}

export async function isThere(host: Host, path: string): Promise<boolean> {
  return access(join(host.root, path)).then(
    () => true,
    () => false,
  );
}

async function hasEntry(host: Host, path: string, name: string): Promise<boolean> {
  const lines = await readFile(join(host.root, path), 'utf8').catch(() => '');
  return lines.split('\n').some((line) => line.startsWith(`${name}:`));
}
