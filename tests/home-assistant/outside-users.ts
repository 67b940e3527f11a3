// The users of an outside broker that a gateway and Home Assistant are, with the lines of their roles: `gateway` and `ha`, both with
// the password `secret`.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeHash } from '../../gateway/broker/rights/password-hash.js';
import { linesOf, type Discovery } from '../../gateway/broker/rights/roles.js';
import { Topics } from '../../shared/topics.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import type { UsersFiles } from '../support/mqtt/mosquitto-conf.js';

/** Without `discovery` the gateway has only the rights of one that tells Home Assistant nothing. */
export async function filesForHome(
  t: Pick<TestContext, 'after'>,
  discovery?: Discovery,
): Promise<UsersFiles> {
  const [folder, topics] = [await temporaryFolder(t), new Topics('iot', 'greenhouse')];
  const files = { passwordFile: join(folder, 'passwords'), aclFile: join(folder, 'acl') };
  const hash = await makeHash(Buffer.from('secret'));
  await writeFile(files.passwordFile, ['gateway', 'ha'].map((name) => `${name}:${hash}\n`).join(''));
  const lines = [
    ...linesOf('gateway', 'gateway', topics, discovery),
    ...linesOf('home-assistant', 'ha', topics, discovery),
  ];
  await writeFile(files.aclFile, `${lines.join('\n')}\n`);
  return files;
}
