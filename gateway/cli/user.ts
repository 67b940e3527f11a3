// `user`: gives a user a role, as lines of the ACL file that may then be changed by hand.
import { GatewayError } from '../../shared/errors.js';
import { Topics } from '../../shared/topics.js';
import { linesOf, ROLES, withUser, type Role } from '../broker/rights/roles.js';
import { withPassword } from '../broker/rights/password-file.js';
import { changeFile, checkName, usersFiles } from './users-files.js';

export interface UserOptions {
  readonly config?: string;
  readonly role?: string;
  readonly delete?: boolean;
}

export async function user(name: string, options: UserOptions): Promise<void> {
  checkName(name);
  const role = options.delete === true ? undefined : roleOf(options.role);
  const { config, passwordFile, aclFile } = await usersFiles(options.config);
  if (aclFile === undefined)
    throw new GatewayError(
      'config_invalid',
      'Without users.acl_file every user may do everything: set it first.',
    );
  const topics = new Topics(config.mqtt.base, config.gateway);
  const lines = role === undefined ? [] : linesOf(role, name, topics);
  await changeFile(aclFile, (text) => withUser(text, name, lines));
  if (role === undefined) await changeFile(passwordFile, (text) => withPassword(text, name, undefined));
  console.log(
    lines.length === 0 ? `${name} is taken out of ${aclFile} and ${passwordFile}` : lines.join('\n'),
  );
  if (role !== undefined) console.log(`is in ${aclFile}; the command passwd gives ${name} a password`);
}

function roleOf(text: string | undefined): Role {
  const role = ROLES.find((known) => known === text);
  if (role !== undefined) return role;
  throw new GatewayError('bad_argument', `--role is one of ${ROLES.join(', ')}.`);
}
