// Whatever becomes of a device, its bus and its pauses: what goes over the wire is what the promises allow, at once and in time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PresenceStory } from './presence-story.js';

const RUNS = Number(process.env['MODEL_RUNS'] ?? 30);

type Step = readonly [what: string, run: (story: PresenceStory) => Promise<void>];

const step = (what: string, run: Step[1]): Step => [what, run];
const sudden = fc.constantFrom<Step>(
  step('pulled', (story) => story.meet({ plugged: false })),
  step('plugged', (story) => story.meet({ plugged: true })),
  step('plugged', (story) => story.meet({ plugged: true })),
  step('another', (story) => story.meet({ another: true })),
  step('the right one', (story) => story.meet({ another: false })),
  step('refuses its set-up', (story) => story.meet({ refuses: true })),
  step('takes its set-up', (story) => story.meet({ refuses: false })),
  step('the bus is lost', (story) => story.meet({ jammed: true })),
  step('the bus is back', (story) => story.meet({ jammed: false })),
  step('the bus is reset', (story) => story.reset()),
  step('one acknowledgement is lost', (story) => story.meet({ lost: 1 })),
  step('resumed', (story) => story.resume()),
);
const timed = (most: number, what: string, run: (story: PresenceStory, ms: number) => Promise<void>) =>
  fc.integer({ min: 1, max: most }).map((ms) => step(`${what} ${String(ms)} ms`, (story) => run(story, ms)));
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: sudden },
    { weight: 4, arbitrary: timed(300, 'pass', (story, ms) => story.pass(ms)) },
    { weight: 4, arbitrary: timed(5000, 'pass', (story, ms) => story.pass(ms)) },
    { weight: 1, arbitrary: timed(90_000, 'pass', (story, ms) => story.pass(ms)) },
    { weight: 1, arbitrary: timed(400, 'paused for', (story, ms) => story.pause(ms)) },
    { weight: 2, arbitrary: timed(60_000, 'paused for', (story, ms) => story.pause(ms)) },
    { weight: 4, arbitrary: timed(8000, 'pump for', (story, ms) => story.command(ms)) },
  ),
  { maxLength: 40 },
);

test('a device is read, looked for, commanded and made safe as the promises say, whatever happens to it', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (told) => {
      const story = new PresenceStory();
      await story.start();
      for (const [, run] of told) {
        await run(story);
        if (story.broken.length > 0) break;
      }
      await story.end();
      assert.deepEqual(story.broken.slice(0, 3), [], told.map(([what]) => what).join(', '));
    }),
    { numRuns: RUNS },
  );
});
