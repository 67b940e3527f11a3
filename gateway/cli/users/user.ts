// `user`: gives a user a role, as lines of the ACL file that may then be changed by hand.
import { GatewayError } from '../../../shared/errors.js';
import { defined } from '../../../shared/config/defined.js';
import { Topics } from '../../../shared/topics.js';
import { linesOf, namesUser, ROLES, withUser, type Role } from '../../broker/rights/roles.js';
import { changeFile } from './change-file.js';
import { takenOut } from './passwd.js';
import { checkName, usersFiles, type UsersFiles } from './files.js';
import { tokensTakenOut } from './token.js';

export interface UserOptions {
  readonly config?: string;
  readonly role?: string;
  readonly delete?: boolean;
}

export async function user(name: string, options: UserOptions): Promise<void> {
  checkName(name);
  const role = options.delete === true ? undefined : roleOf(options.role);
  const { config, passwordFile, aclFile, tokenFile } = await usersFiles(options.config);
  if (aclFile === undefined)
    throw new GatewayError(
      'config_invalid',
      'Without users.acl_file every user may do everything: set it first.',
    );
  if (role === undefined) return takeOut(name, { passwordFile, aclFile, tokenFile });
  const { gateway, homeAssistant, mqtt } = config;
  const discovery = { gateway, ...defined({ prefix: homeAssistant?.discoveryPrefix }) };
  const lines = linesOf(role, name, new Topics(mqtt.base, gateway), discovery);
  await changeFile(aclFile, (text = '') => withUser(text, name, lines));
  console.log(lines.join('\n'));
  console.log(`is in ${aclFile}; the command passwd gives ${name} a password`);
}

async function takeOut(
  name: string,
  { passwordFile, aclFile, tokenFile }: Omit<UsersFiles, 'config'> & { readonly aclFile: string },
): Promise<void> {
  const hadRights = await rightsTakenOut(aclFile, name);
  const hadPassword = await takenOut(passwordFile, name);
  const hadTokens = tokenFile !== undefined && (await tokensTakenOut(tokenFile, name));
  const files = [
    ...(hadRights ? [aclFile] : []),
    ...(hadPassword ? [passwordFile] : []),
    ...(hadTokens ? [tokenFile] : []),
  ];
  if (files.length === 0)
    throw new GatewayError(
      'bad_argument',
      `Nobody is called ${name} in ${aclFile} and ${passwordFile}; nothing was changed.`,
    );
  console.log(`${name} is taken out of ${files.join(' and ')}`);
}

/** Whether the user had lines of its own. */
async function rightsTakenOut(aclFile: string, name: string): Promise<boolean> {
  let wasThere = false;
  await changeFile(aclFile, (text = '') => {
    wasThere = namesUser(text, name);
    return wasThere ? withUser(text, name, []) : text;
  });
  return wasThere;
}

function roleOf(text: string | undefined): Role {
  const role = ROLES.find((known) => known === text);
  if (role !== undefined) return role;
  throw new GatewayError('bad_argument', `--role is one of ${ROLES.join(', ')}.`);
}
