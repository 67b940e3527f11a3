// Guessing passwords gets slow, and costs no memory.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Doorkeeper } from '../../../../gateway/broker/rights/doorkeeper.js';
import { FailedLogins } from '../../../../gateway/broker/rights/failed-logins.js';
import { makeHash } from '../../../../gateway/broker/rights/password-hash.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until, untilAsync } from '../../../support/waiting.js';

void test('the first failures are free, then logins of the address come one at a time, slower and slower', () => {
  const failed = new FailedLogins(new FakeClock());
  assert.equal(failed.turn('a'), 0);
  failed.failed('a');
  failed.failed('a');
  assert.equal(failed.turn('a'), 0);
  failed.failed('a');
  assert.deepEqual([failed.turn('a'), failed.turn('a')], [250, 500]);
  failed.failed('a');
  assert.equal(failed.turn('a'), 750);
  assert.equal(failed.turn('b'), 0);
});

void test('many logins at once of an address that failed are refused, not kept waiting', () => {
  const failed = new FailedLogins(new FakeClock());
  for (let failure = 0; failure < 10; failure++) failed.failed('a');
  const turns = Array.from({ length: 1000 }, () => failed.turn('a'));
  assert.ok(turns.filter((turn) => turn !== undefined).length < 5);
});

void test('an address is forgotten a quarter of an hour after its last failure', async () => {
  const clock = new FakeClock();
  const failed = new FailedLogins(clock);
  for (let failure = 0; failure < 10; failure++) failed.failed('a');
  await clock.advance(15 * 60_000 + 1);
  assert.equal(failed.turn('a'), 0);
  assert.equal(failed.addresses, 0);
});

void test('a hundred thousand addresses fill no table', () => {
  const failed = new FailedLogins(new FakeClock());
  for (let address = 0; address < 100_000; address++) failed.failed(String(address));
  assert.equal(failed.addresses, 1000);
  assert.equal(failed.total, 100_000);
  assert.equal(failed.of('99999'), 1);
});

void test('which addresses fail is told, those with most failures first, until they are forgotten', async () => {
  const clock = new FakeClock();
  const failed = new FailedLogins(clock);
  failed.failed('once');
  await clock.advance(60_000);
  for (let failure = 0; failure < 3; failure++) failed.failed('often');
  const { ts } = failed.worst()[0]?.[1] ?? {};
  assert.equal(ts, clock.now());
  assert.deepEqual(
    failed.worst().map(([address, { failures }]) => [address, failures]),
    [
      ['often', 3],
      ['once', 1],
    ],
  );
  await clock.advance(15 * 60_000 - 59_000);
  assert.deepEqual(
    failed.worst().map(([address]) => address),
    ['often'],
  );
});

void test('logins of an address that failed wait for their turn, and those that would wait too long are counted', async (t) => {
  const passwordFile = join(await temporaryFolder(t), 'passwords');
  await writeFile(passwordFile, '');
  const clock = new FakeClock();
  const doorkeeper = new Doorkeeper({ passwordFile, anonymous: false, clock, log: new RecordingLog() });
  await doorkeeper.start();
  t.after(async () => doorkeeper.stop());
  const login = { user: 'otto', password: Buffer.from('guess'), address: 'a' };
  for (let failure = 0; failure < 3; failure++) assert.equal((await doorkeeper.admit(login)).ok, false);
  const tries = Array.from({ length: 100 }, async () => doorkeeper.admit(login));
  const { failed, unheard } = doorkeeper.logins();
  assert.equal(failed, 3, 'nobody is heard before it is his turn');
  assert.ok(unheard > 50, String(unheard));
  await clock.advance(250);
  await until('the first of them', () => doorkeeper.logins().failed === 4);
  await allOf(clock, tries);
  assert.equal(doorkeeper.logins().failed, 103 - doorkeeper.logins().unheard);
});

/** Lets time pass until all have their answers. */
async function allOf<T>(clock: FakeClock, tries: readonly Promise<T>[]): Promise<T[]> {
  let answers: T[] | undefined;
  const all = Promise.all(tries).then((given) => (answers = given));
  // Waited for: what it does later would pass the time of who comes next.
  await untilAsync('all answers', async () => {
    await clock.advance(500);
    return answers !== undefined;
  });
  return all;
}

void test('passwords guessed side by side are tried three at first, then one at a time', async (t) => {
  const passwordFile = join(await temporaryFolder(t), 'passwords');
  await writeFile(passwordFile, '');
  const clock = new FakeClock();
  const doorkeeper = new Doorkeeper({ passwordFile, anonymous: false, clock, log: new RecordingLog() });
  await doorkeeper.start();
  t.after(async () => doorkeeper.stop());
  const login = { user: 'otto', password: Buffer.from('guess'), address: 'a' };
  const tries = Array.from({ length: 50 }, async () => doorkeeper.admit(login));
  await until('the first pause', () => clock.waiting > 0);
  assert.equal(doorkeeper.logins().failed, 3);
  const answers = await allOf(clock, tries);
  assert.ok(answers.every(({ ok }) => !ok));
  const { failed, unheard } = doorkeeper.logins();
  assert.ok(failed < 12 && failed + unheard === 50, String(failed));
});

void test('a user who is taken out while the login waits is not let in', async (t) => {
  const passwordFile = join(await temporaryFolder(t), 'passwords');
  await writeFile(passwordFile, `bob:${await makeHash(Buffer.from('secret'))}\n`);
  const clock = new FakeClock();
  const doorkeeper = new Doorkeeper({ passwordFile, anonymous: false, clock, log: new RecordingLog() });
  await doorkeeper.start();
  t.after(async () => doorkeeper.stop());
  const login = { user: 'bob', password: Buffer.from('secret'), address: 'a' };
  for (let failure = 0; failure < 7; failure++)
    await allOf(clock, [doorkeeper.admit({ ...login, password: Buffer.from('guess') })]);
  const waiting = doorkeeper.admit(login);
  await until('its pause', () => clock.waiting > 0);
  await writeFile(passwordFile, '');
  await doorkeeper.reload();
  const [admission] = await allOf(clock, [waiting]);
  assert.equal(admission?.ok, false);
  const welcome: boolean[] = [];
  doorkeeper.onChange((isStillWelcome) => {
    welcome.push(isStillWelcome('bob', false), isStillWelcome('bob', true));
  });
  await doorkeeper.reload();
  assert.deepEqual(welcome, [false, true], 'who is in no file stays only if a certificate let him in');
});
