// Users, rights and certificates: whether the gateway can read them, whether others can, and until when they are valid.
import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import type { TlsConfig, UsersConfig } from '../../shared/config/config.js';
import { asGatewayError } from '../../shared/errors.js';
import { badLineWords } from '../broker/rights/password-file.js';
import { readPasswords, readRights, readTokens } from '../broker/rights/users-files.js';
import { readPemFiles } from '../tls/pem-files.js';
import { fail, ok, warn, type Finding } from './finding.js';
import type { Machine } from './machine.js';

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
const OTHERS_READ = 0o004;

export async function users(
  machine: Machine,
  { passwordFile, aclFile, tokenFile, anonymous }: UsersConfig,
  folder: string,
): Promise<readonly Finding[]> {
  const file = resolve(folder, passwordFile);
  const findings = [
    await looked('users', () => passwordFinding(file, anonymous)),
    await secret(machine, 'users mode', file),
  ];
  if (aclFile !== undefined) findings.push(await rights(resolve(folder, aclFile)));
  if (tokenFile !== undefined) {
    const tokens = resolve(folder, tokenFile);
    findings.push(await looked('tokens', () => tokenFinding(tokens)));
    findings.push(await secret(machine, 'tokens mode', tokens));
  }
  return findings;
}

function rights(file: string): Promise<Finding> {
  return looked('rights', async () => {
    await readRights(file);
    return ok('rights', `${file} is sound`);
  });
}

async function tokenFinding(file: string): Promise<Finding> {
  const { tokens, badLines } = await readTokens(file);
  const [bad] = badLineWords(file, badLines);
  if (bad !== undefined)
    return fail('tokens', bad, 'check lists all such lines; the command token writes sound ones');
  return ok('tokens', `${file}: ${tokens.length === 1 ? '1 token' : `${String(tokens.length)} tokens`}`);
}

async function passwordFinding(file: string, anonymous: boolean): Promise<Finding> {
  const { users: known, badLines } = await readPasswords(file);
  const [bad] = badLineWords(file, badLines);
  if (bad !== undefined)
    return fail('users', bad, 'check lists all such lines; the command passwd writes sound ones');
  if (known.size === 0 && !anonymous)
    return fail('users', `${file} names nobody, so nobody gets in`, 'the command passwd makes users');
  return ok('users', `${file}: ${known.size === 1 ? '1 user' : `${String(known.size)} users`}`);
}

export async function tls(
  machine: Machine,
  config: TlsConfig,
  folder: string,
  nowTs: number,
): Promise<readonly Finding[]> {
  const key = await secret(machine, 'tls key mode', resolve(folder, config.key));
  const dates = await looked('tls', async () => {
    const { cert } = await readPemFiles(config, folder);
    const { validFrom, validTo } = new X509Certificate(String(cert));
    return validity({ fromTs: Date.parse(validFrom), toTs: Date.parse(validTo) }, nowTs);
  });
  return [dates, key];
}

export function validity(
  { fromTs, toTs }: { readonly fromTs: number; readonly toTs: number },
  nowTs: number,
): Finding {
  const [from, to] = [fromTs, toTs].map((moment) => new Date(moment).toISOString().slice(0, 10));
  const days = Math.floor((toTs - nowTs) / DAY_MS);
  if (days < 0)
    return fail(
      'tls',
      `the certificate has expired on ${String(to)}`,
      'renew it; a running gateway reads the new one by itself',
    );
  if (fromTs > nowTs)
    return fail(
      'tls',
      `the certificate is valid only from ${String(from)} on`,
      'is the clock of this machine right?',
    );
  if (days < SOON_DAYS)
    return warn('tls', `the certificate expires on ${String(to)}, in ${String(days)} days`, 'renew it');
  return ok('tls', `the certificate is valid until ${String(to)}`);
}

/** Hashes and keys that everybody on the machine can read. */
async function secret(machine: Machine, check: string, file: string): Promise<Finding> {
  const mode = (await machine.owned(file))?.mode ?? 0;
  if ((mode & OTHERS_READ) === 0) return ok(check, `${file} is not for everybody to read`);
  return warn(
    check,
    `everybody on this machine can read ${file} (mode ${mode.toString(8)})`,
    `chmod o= ${file}`,
  );
}

async function looked(check: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (thrown) {
    const { message } = asGatewayError(thrown);
    return fail(check, message, 'mend it; the command check says the same');
  }
}
