// mosquitto.conf as it stands, with the ports and the folder of a test, and with users where a test has some.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../gateway/process/paths.js';
import { freePort, startMosquitto, type Mosquitto } from './mosquitto.js';
import type { Ends } from '../temporary-folder.js';

export interface UsersFiles {
  readonly passwordFile: string;
  readonly aclFile: string;
}

/** Replaces exactly one place, or the file has changed under the test. */
export function replaceOnce(text: string, from: string, to: string): string {
  assert.equal(text.split(from).length, 2, `mosquitto.conf must hold "${from}" once`);
  return text.replace(from, to);
}

/** The commented lines of the file from the one to the other, without their marks. */
export function uncommented(text: string, first: string, last: string): string {
  const [start, end] = [text.indexOf(`\n#${first}\n`), text.indexOf(`\n#${last}\n`)];
  assert.ok(start >= 0 && end > start, `mosquitto.conf must have "#${first}" before "#${last}"`);
  const section = text.slice(start, end + last.length + 2);
  return text.replace(section, section.replaceAll('\n#', '\n'));
}

/** What the file says to do for users: nobody without a name, and both files. */
function withUsers(text: string, { passwordFile, aclFile }: UsersFiles): string {
  const closed = replaceOnce(text, 'allow_anonymous true', 'allow_anonymous false');
  const passwords = replaceOnce(closed, '#password_file passwords', `password_file ${passwordFile}`);
  return replaceOnce(passwords, '#acl_file acl', `acl_file ${aclFile}`);
}

export async function startByConf(
  t: Ends,
  users?: UsersFiles,
  change: (text: string) => string = (text) => text,
): Promise<Mosquitto & { readonly webSocketUrl: string }> {
  const file = await readFile(join(packageRoot, 'mosquitto.conf'), 'utf8');
  const text = users === undefined ? file : withUsers(file, users);
  const webSocketPort = await freePort();
  const mosquitto = await startMosquitto(t, (port, folder) => {
    const tcp = replaceOnce(text, 'listener 1883 127.0.0.1', `listener ${String(port)} 127.0.0.1`);
    const both = replaceOnce(tcp, 'listener 8081 127.0.0.1', `listener ${String(webSocketPort)} 127.0.0.1`);
    return change(replaceOnce(both, '/var/lib/mosquitto/', `${folder}/`));
  });
  return { ...mosquitto, webSocketUrl: `ws://127.0.0.1:${String(webSocketPort)}` };
}
