// Odd lines in ACL and password files: what Mosquitto refuses is refused, and the same people get in.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { parseAcl } from '../../../../gateway/broker/rights/acl-file.js';
import { makeHash } from '../../../../gateway/broker/rights/password-hash.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import type { Clock } from '../../../../shared/ports.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const skip = withoutMosquitto;

const ACL_FILES = [
  '',
  '\n\n   \n',
  '# comment\ntopic a',
  ' # no comment',
  'topic',
  'topic ',
  'topic read',
  'topic read ',
  'topic read\ta',
  'topic\ta',
  'topic a b',
  'topic read a b',
  'topic  read   a b  ',
  'topic Read a',
  'topic readwrite #',
  'topic deny a/+',
  'topic deny a/+b',
  'topic a/#/b',
  'topic a#',
  'topic +/+/#',
  'pattern read %u/+',
  'pattern %c',
  'pattern deny',
  'pattern deny a+',
  'user',
  'user ',
  'user bob\ntopic a',
  'User bob',
  'topics a',
  'topic constructor a',
  `topic ${'a/'.repeat(200)}`,
  `topic ${'a/'.repeat(201)}`,
  'topic a\r\nuser bob\r\n',
  'topic write \u000b',
];

void test('an ACL file is refused where Mosquitto refuses it', { skip }, async (t) => {
  for (const text of ACL_FILES) {
    const file = join(await temporaryFolder(t), 'acl');
    await writeFile(file, text);
    const theirs = await starts(t, (port) => `listener ${String(port)} 127.0.0.1\nacl_file ${file}\n`);
    assert.equal(isTaken(text), theirs, JSON.stringify(text.slice(0, 60)));
  }
});

function isTaken(text: string): boolean {
  try {
    parseAcl(text, 'acl');
    return true;
  } catch {
    return false;
  }
}

async function starts(t: TestContext, configure: (port: number) => string): Promise<boolean> {
  try {
    const mosquitto = await startMosquitto(t, configure);
    await mosquitto.stop();
    return true;
  } catch (error) {
    assert.match(String(error), /ended with code/);
    return false;
  }
}

/** The older kind of hash, as Mosquitto 1.x made it. */
function oldHash(password: string): string {
  const salt = randomBytes(12);
  const hash = createHash('sha512').update(password).update(salt).digest('base64');
  return `$6$${salt.toString('base64')}$${hash}`;
}

async function passwordLines(): Promise<string> {
  const hash = await makeHash(Buffer.from('secret'));
  return [
    '# comment:x',
    `ours:${hash}`,
    `old:${oldHash('secret')}`,
    ` spaces around : ${hash} `,
    `twice:${await makeHash(Buffer.from('other'))}`,
    `twice:${hash}`,
    `:colon:${hash}`,
    `more:${hash}:behind`,
    'plain:secret',
    'empty:',
    'nothing',
    `cut:${hash.slice(0, 40)}`,
    'zero:$7$0$AAAAAAAAAAAAAAAA$AAAA',
    `kind:${hash.replace('$7$', '$5$')}`,
    `crlf:${hash}\r`,
    `ünï:${hash}`,
    '',
  ].join('\n');
}

const LOGINS: readonly (readonly [string | undefined, string | undefined])[] = [
  ...[
    'theirs',
    'ours',
    'old',
    'spaces around',
    ' spaces around ',
    'twice',
    'colon',
    ':colon',
    'more',
  ].flatMap((user) => [
    [user, 'secret'] as const,
    [user, 'wrong'] as const,
    [user, ''] as const,
    [user, undefined] as const,
  ]),
  ...['plain', 'empty', 'nothing', 'cut', 'zero', 'kind', 'crlf', 'ünï', 'nobody', '#', ''].map(
    (user) => [user, 'secret'] as const,
  ),
  ['twice', 'other'],
  [undefined, undefined],
];

void test('the same passwords open both brokers', { skip }, async (t) => {
  const passwordFile = join(await temporaryFolder(t), 'passwords');
  execFileSync('mosquitto_passwd', ['-c', '-b', passwordFile, 'theirs', 'secret']);
  await appendFile(passwordFile, await passwordLines());
  let checks = 0;
  for (const anonymous of [true, false]) {
    const ours = await startBroker(t, {}, { passwordFile, anonymous, clock: new Forgetful() });
    const mosquitto = await startMosquitto(
      t,
      (port) =>
        `listener ${String(port)} 127.0.0.1\nallow_anonymous ${String(anonymous)}\npassword_file ${passwordFile}\n`,
    );
    const [mine, theirs] = [await whoGetsIn(t, ours), await whoGetsIn(t, mosquitto)];
    assert.deepEqual(mine, theirs);
    checks += mine.length;
  }
  t.diagnostic(`${String(checks)} logins compared with Mosquitto`);
});

/** Each question comes an hour after the last one, so that wrong passwords are forgotten and slow nobody down. */
class Forgetful implements Clock {
  readonly #clock = new SystemClock();
  #hours = 0;

  now(): number {
    return this.#clock.now();
  }

  monotonicMs(): number {
    return ++this.#hours * 3_600_000;
  }

  awakeMs(): number {
    return this.#clock.awakeMs();
  }

  onStandstill(listener: (ms: number) => void): () => void {
    return this.#clock.onStandstill(listener);
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#clock.after(delayMs, callback);
  }
}

async function whoGetsIn(t: TestContext, { url }: { readonly url: string }): Promise<string[]> {
  const said: string[] = [];
  for (const [user, password] of LOGINS) {
    const options = {
      ...(user === undefined ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
    };
    const outcome = await connectClient(t, url, options).then(
      async ({ mqtt }) => mqtt.endAsync().then(() => 'in'),
      (error: unknown) =>
        error instanceof Error && 'code' in error ? `code ${String(error.code)}` : 'closed',
    );
    said.push(`${user ?? '(none)'} ${password ?? '(none)'}: ${outcome}`);
  }
  return said;
}
