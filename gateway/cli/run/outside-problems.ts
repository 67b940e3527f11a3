// What a sound configuration names outside of itself, and what is wrong with it: found before anything is started.
import { resolve } from 'node:path';
import { env } from 'node:process';
import type { GatewayConfig, TlsConfig, UsersConfig } from '../../../shared/config/config.js';
import type { ConfigPath, Problem } from '../../../shared/config/problem.js';
import { asGatewayError } from '../../../shared/errors.js';
import { missingSecrets } from '../../alarms/rendered.js';
import { badLineWords } from '../../broker/rights/password-file.js';
import { readPasswords, readRights, readTokens } from '../../broker/rights/users-files.js';
import { checkBusPath } from '../../i2c/linux/bus-path.js';
import { oneWire, sameWire } from '../../i2c/linux/one-wire.js';
import { readFlash } from '../../i2c/simulated/firmware-file.js';
import { mistakeIn, readPemFiles } from '../../tls/pem-files.js';

/**
 * For a start on real buses: paths that are none of a Linux I²C bus, and one bus under two names (a link of udev's): two
 * queues on one wire. Whether one is there is seen when it is opened.
 */
export async function busProblems(config: GatewayConfig): Promise<readonly Problem[]> {
  const buses = [...config.buses.values()];
  const wrong = await problemsOf(
    buses.map(({ id, path }) => ({
      path: ['buses', id, 'path'],
      look: () => {
        checkBusPath(path);
        return Promise.resolve();
      },
    })),
  );
  const twice = buses.flatMap((bus, index) => {
    const other = sameWire(bus, buses.slice(0, index));
    return other === undefined
      ? []
      : [
          {
            path: ['buses', bus.id, 'path'],
            message: `${oneWire(bus, other)}; put all devices of one wire on one bus`,
          },
        ];
  });
  return [...wrong, ...twice];
}

/** For a start with simulated devices: firmware that can't be read or is none. `folder` is the configuration's. */
export function firmwareProblems(config: GatewayConfig, folder: string): Promise<readonly Problem[]> {
  const types = new Set([...config.devices.values()].map(({ type }) => type));
  return problemsOf(
    [...types].map((type) => ({
      path: ['types', type.id, 'simulate', 'firmware'],
      look: async () => {
        if (type.simulate !== undefined) await readFlash(type, type.simulate, folder);
      },
    })),
  );
}

/** Users, rights and certificates that a start would refuse. `folder` is the configuration's. */
export async function doorProblems(
  { users, tls }: GatewayConfig,
  folder: string,
): Promise<readonly Problem[]> {
  return [
    ...(users === undefined ? [] : await problemsOf(looksAtUsers(users, folder))),
    ...(tls === undefined ? [] : await certificateProblems(tls, folder)),
  ];
}

/** Of a start too: secrets of webhooks that the environment does not have. */
export function secretProblems({ webhooks = [] }: GatewayConfig): Promise<readonly Problem[]> {
  const missing = webhooks.flatMap((webhook) =>
    missingSecrets(webhook, env).map((name) => ({
      path: ['alarms', 'webhooks', webhook.id],
      message: `asks for \${${name}}, which is not in the environment nor in the file .env of this folder`,
    })),
  );
  return Promise.resolve(missing);
}

/** Of `check`: a start goes on and logs it, for the others get in, and a user may be made while it runs. */
export async function loginProblems({ users }: GatewayConfig, folder: string): Promise<readonly Problem[]> {
  if (users === undefined) return [];
  const file = resolve(folder, users.passwordFile);
  const passwords = await readPasswords(file).catch(() => undefined);
  // That it can't be read is said already.
  if (passwords === undefined) return [];
  const isShut = passwords.users.size === 0 && !users.anonymous;
  const nobody = passwords.badLines.length === 0 ? `${file} names nobody` : 'no line of it is of use';
  const shut = isShut ? [`lets nobody in: ${nobody}; the command passwd makes users`] : [];
  const path = ['users', 'password_file'];
  return [...shut, ...badLineWords(file, passwords.badLines)].map((message) => ({ path, message }));
}

function looksAtUsers({ passwordFile, aclFile, tokenFile }: UsersConfig, folder: string): Look[] {
  const looks: readonly [key: string, file: string | undefined, read: (file: string) => Promise<unknown>][] =
    [
      ['password_file', passwordFile, readPasswords],
      ['acl_file', aclFile, readRights],
      ['token_file', tokenFile, readTokens],
    ];
  return looks.flatMap(([key, file, read]) =>
    file === undefined ? [] : [{ path: ['users', key], look: () => read(resolve(folder, file)) }],
  );
}

async function certificateProblems(tls: TlsConfig, folder: string): Promise<readonly Problem[]> {
  try {
    await readPemFiles(tls, folder);
    return [];
  } catch (thrown) {
    const { setting, message } = mistakeIn(thrown);
    return [{ path: ['tls', setting], message }];
  }
}

interface Look {
  readonly path: ConfigPath;
  /** Rejects with what is wrong. */
  readonly look: () => Promise<unknown>;
}

async function problemsOf(looks: readonly Look[]): Promise<readonly Problem[]> {
  const found = looks.map(async ({ path, look }): Promise<readonly Problem[]> => {
    try {
      await look();
      return [];
    } catch (thrown) {
      return [{ path, message: asGatewayError(thrown).message }];
    }
  });
  return (await Promise.all(found)).flat();
}
