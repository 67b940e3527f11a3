// What a sound configuration names outside of itself, and what is wrong with it: found before anything is started.
import { resolve } from 'node:path';
import type { GatewayConfig, TlsConfig, UsersConfig } from '../../shared/config/config.js';
import type { ConfigPath, Problem } from '../../shared/config/problem.js';
import { asGatewayError } from '../../shared/errors.js';
import { readPasswords, readRights } from '../broker/rights/users-files.js';
import { busNumberOf } from '../i2c/linux/bus-path.js';
import { readFlash } from '../i2c/simulated/firmware-file.js';
import { mistakeIn, readPemFiles } from '../tls/pem-files.js';

/** For a start on real buses: paths that are none of a Linux I²C bus. Whether one is there is seen when it is opened. */
export function busProblems(config: GatewayConfig): Promise<readonly Problem[]> {
  return problemsOf(
    [...config.buses.values()].map(({ id, path }) => ({
      path: ['buses', id, 'path'],
      look: () => {
        busNumberOf(path);
        return Promise.resolve();
      },
    })),
  );
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

function looksAtUsers({ passwordFile, aclFile }: UsersConfig, folder: string): Look[] {
  const passwords: Look = {
    path: ['users', 'password_file'],
    look: () => readPasswords(resolve(folder, passwordFile)),
  };
  if (aclFile === undefined) return [passwords];
  return [passwords, { path: ['users', 'acl_file'], look: () => readRights(resolve(folder, aclFile)) }];
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
