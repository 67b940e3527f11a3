// `user`: gives a user a role, as lines of the ACL file that may then be changed by hand.
import { GatewayError } from '../../../shared/errors.js';
import { defined } from '../../../shared/config/defined.js';
import { Topics } from '../../../shared/topics.js';
import { linesOf, namesUser, ROLES, withUser, type Role } from '../../broker/rights/roles.js';
import { printAnswer } from '../print/answer.js';
import { changeFile } from './change-file.js';
import { takenOut } from './passwd.js';
import { checkName, usersFiles, type UsersFiles } from './files.js';
import { tokensTakenOut } from './token.js';

export interface UserOptions {
  readonly config?: string;
  readonly role?: Role;
  readonly delete?: boolean;
  readonly json?: boolean;
}

export async function user(name: string, options: UserOptions): Promise<void> {
  if (options.delete === true) {
    const takenOutOf = await takeOutUser(name, options.config);
    printAnswer(options.json, { user: name, takenOutOf }, () => [
      `${name} is taken out of ${takenOutOf.join(' and ')}`,
    ]);
    return;
  }
  const { role } = options;
  if (role === undefined)
    throw new GatewayError(
      'bad_argument',
      `Give ${name} a role with --role, one of ${ROLES.join(', ')}; or take the user out with --delete.`,
    );
  const { file, lines } = await giveRole(name, role, options.config);
  printAnswer(options.json, { user: name, role, file, lines }, () => givenLines(name, file, lines));
}

export function givenLines(name: string, file: string, lines: readonly string[]): readonly string[] {
  return [...lines, `is in ${file}; the command passwd gives ${name} a password`];
}

/** Rejects with bad_argument, config_invalid or config_unreadable. */
export async function giveRole(
  name: string,
  role: Role,
  configFile: string | undefined,
): Promise<{ readonly file: string; readonly lines: readonly string[] }> {
  const { config, aclFile } = await filesOf(name, configFile);
  const { gateway, homeAssistant, mqtt } = config;
  const discovery = { gateway, ...defined({ prefix: homeAssistant?.discoveryPrefix }) };
  const lines = linesOf(role, name, new Topics(mqtt.base, gateway), discovery);
  await changeFile(aclFile, (text = '') => withUser(text, name, lines));
  return { file: aclFile, lines };
}

async function filesOf(
  name: string,
  configFile: string | undefined,
): Promise<UsersFiles & { readonly aclFile: string }> {
  checkName(name);
  const files = await usersFiles(configFile);
  if (files.aclFile === undefined)
    throw new GatewayError(
      'config_invalid',
      'Without users.acl_file every user may do everything: set it first.',
    );
  return { ...files, aclFile: files.aclFile };
}

/** From which files. Rejects with bad_argument where the user is in none. */
async function takeOutUser(name: string, configFile: string | undefined): Promise<readonly string[]> {
  const { passwordFile, aclFile, tokenFile } = await filesOf(name, configFile);
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
  return files;
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
