// The commands that make users, as they are typed.
import { type Command, Option } from 'commander';
import { ROLES } from '../../broker/rights/roles.js';
import type { PasswdOptions } from './passwd.js';
import type { TokenOptions } from './token.js';
import type { UserOptions } from './user.js';

export interface UsersActions {
  passwd(user: string, options: PasswdOptions): Promise<void>;
  user(name: string, options: UserOptions): Promise<void>;
  token(user: string, options: TokenOptions): Promise<void>;
}

export function addUsersCommands(program: Command, actions: UsersActions): void {
  program
    .command('passwd')
    .description("set a user's password, typed or piped in; a running gateway sees it within a second")
    .argument('<user>', 'name of the user')
    .option('--config <file>', 'the YAML file, whose users.password_file is changed')
    .option('--delete', 'take the user out')
    .option('--json', 'as JSON: {user, file, done}')
    .action((user: string, options: PasswdOptions) => actions.passwd(user, options));
  program
    .command('user')
    .description('give a user a role, as lines of users.acl_file')
    .argument('<name>', 'name of the user')
    .option('--config <file>', 'the YAML file, whose users.acl_file is changed')
    .addOption(new Option('--role <role>', ROLES.join(', ')).choices(ROLES))
    .option('--delete', 'take the user out of both files')
    .option('--json', 'as JSON: {user, role, file, lines}, or {user, takenOutOf}')
    .action((name: string, options: UserOptions) => actions.user(name, options));
  program
    .command('token')
    .description('make a token by which a program is let in over HTTP as this user; it is shown once')
    .argument('<user>', 'name of the user')
    .option('--config <file>', 'the YAML file, whose users.token_file is changed')
    .option('--list', "list the user's tokens in place of it")
    .option('--json', 'the list as an array of {id, made}; a new one as {user, id, token, file}')
    .option('--delete <id>', 'take this one back in place of it; a running gateway sees it within a second')
    .action((user: string, options: TokenOptions) => actions.token(user, options));
}
