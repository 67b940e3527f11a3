// Who says again and again that he has lost his set-up is set up less and less often, whatever his other samples say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetUpAgain } from '../../../bridge/device/set-up-again.js';
import type { Outcome } from '../../../bridge/device/verdict.js';
import { sampleOf } from '../../support/bus/sample-yaml.js';
import { FakeClock } from '../../support/fake-clock.js';

const SAMPLE = 'write: [1], read: 1, configured: { is: 1 }, fields: { a: { type: uint8 } }';

test('a sample that never complains takes nothing back of the growing pause; one that has ceased to, all', async () => {
  const clock = new FakeClock();
  const setUpAt: number[] = [];
  const again = new SetUpAgain(clock, async () => {
    setUpAt.push(clock.monotonicMs() / 1000);
    return Promise.resolve();
  });
  const [complaining, content] = [sampleOf(SAMPLE), sampleOf(SAMPLE)];
  const second = async (outcome: Outcome): Promise<void> => {
    again.note(outcome, complaining);
    again.note('ok', content);
    await clock.advance(1000);
  };
  for (let passed = 0; passed < 300; passed += 1) await second('set_up_lost');
  assert.deepEqual(setUpAt, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  await second('ok');
  // What was still to be waited for is; from then on the pauses begin anew.
  for (let passed = 0; passed < 10; passed += 1) await second('set_up_lost');
  assert.deepEqual(setUpAt.slice(10), [303, 304, 306, 310]);
});
