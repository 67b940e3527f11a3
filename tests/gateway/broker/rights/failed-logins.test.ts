// Guessing passwords gets slow, and costs no memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailedLogins } from '../../../../gateway/broker/rights/failed-logins.js';
import { FakeClock } from '../../../support/fake-clock.js';

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
