// Whatever is switched on, and whatever happens to device, bus, clock and process: it ends as promised, neither before nor after.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OutputStory } from './output-story.js';

const RUNS = Number(process.env['OUTPUT_RUNS'] ?? 30);

type Step = readonly [what: string, run: (story: OutputStory) => Promise<void>];

const step = (what: string, run: Step[1]): Step => [what, run];
const timed = (most: number, what: string, run: (story: OutputStory, ms: number) => Promise<void>) =>
  fc.integer({ min: 1, max: most }).map((ms) => step(`${what} ${String(ms)} ms`, (story) => run(story, ms)));
const [PUMP, VALVE, LAMP, HEATER, FAN] = [0x20, 0x30, 0x40, 0x60, 0x70];

const switched = fc.oneof(
  { weight: 4, arbitrary: timed(20_000, 'pump for', (story, ms) => story.switchOn(PUMP, ms)) },
  { weight: 3, arbitrary: timed(20_000, 'lamp for', (story, ms) => story.switchOn(LAMP, ms)) },
  { weight: 2, arbitrary: timed(9000, 'valve for', (story, ms) => story.switchOn(VALVE, ms)) },
  {
    weight: 8,
    arbitrary: fc.constantFrom<Step>(
      step('pump', (story) => story.switchOn(PUMP)),
      step('lamp', (story) => story.switchOn(LAMP)),
      step('valve', (story) => story.switchOn(VALVE)),
      step('heater', (story) => story.switchOn(HEATER)),
      step('boost', (story) => story.boost()),
      step('pump 0', (story) => story.switchOff('pump', PUMP)),
      step('halt', (story) => story.switchOff('halt', PUMP)),
      step('dark', (story) => story.switchOff('dark', LAMP)),
      step('valve 0', (story) => story.switchOff('valve', VALVE)),
      step('fan 0', (story) => story.switchOff('fan', FAN)),
    ),
  },
);
const sudden = fc.constantFrom<Step>(
  step('pulled', (story) => story.meet({ plugged: false })),
  step('plugged', (story) => story.meet({ plugged: true })),
  step('plugged', (story) => story.meet({ plugged: true })),
  step('unheard', (story) => story.meet({ unheard: true })),
  step('heard', (story) => story.meet({ unheard: false })),
  step('another', (story) => story.meet({ another: true })),
  step('the right one', (story) => story.meet({ another: false })),
  step('refuses its set-up', (story) => story.meet({ refuses: true })),
  step('takes its set-up', (story) => story.meet({ refuses: false })),
  step('slow', (story) => story.meet({ slow: true })),
  step('fast', (story) => story.meet({ slow: false })),
  step('the bus is jammed', (story) => story.meet({ jammed: true })),
  step('the bus is free', (story) => story.meet({ jammed: false })),
  step('the bus hangs', (story) => story.hang(true)),
  step('the bus is let go', (story) => story.hang(false)),
  step('the bus is let go', (story) => story.hang(false)),
  step('one acknowledgement is lost', (story) => story.meet({ lost: 1 })),
  step('resumed', (story) => story.resume()),
  step('the clock is set forward', (story) => story.setClock(6 * 3_600_000)),
  step('the clock is set back', (story) => story.setClock(-6 * 3_600_000)),
);
const ends = fc.constantFrom<Step>(
  step('killed', (story) => story.kill()),
  step('restarted', (story) => story.restart()),
);
const soon = timed(400, 'pass', (story, ms) => story.pass(ms));
const none = fc.constant(step('nothing', () => Promise.resolve()));
const trouble = fc.constantFrom<Step>(
  step('the bus hangs', (story) => story.hang(true)),
  step('slow', (story) => story.meet({ slow: true })),
);
const clockIsSet = fc.constantFrom<Step>(
  step('the clock is set forward', (story) => story.setClock(6 * 3_600_000)),
  step('the clock is set back', (story) => story.setClock(-6 * 3_600_000)),
);
const lamp = fc.oneof(
  timed(20_000, 'lamp for', (story, ms) => story.switchOn(LAMP, ms)),
  fc.constant(step('lamp', (story) => story.switchOn(LAMP))),
);
/** One behind the other, as one step: what seldom meets by chance. */
const together = (...parts: readonly fc.Arbitrary<Step>[]): fc.Arbitrary<Step> =>
  fc.tuple(...parts).map((told) =>
    step(told.map(([what]) => what).join(', '), async (story) => {
      for (const [, run] of told) await run(story);
    }),
  );
/** A command is on its way when the process ends, on a wire that may be in trouble by then. */
const cutOff = together(
  ...[lamp, soon, fc.oneof(none, trouble)],
  timed(3000, 'pass', (story, ms) => story.pass(ms)),
  ...[lamp, fc.oneof(none, soon), ends],
);
const longEnough = (ms: number) => fc.constant(step(`pass ${String(ms)} ms`, (story) => story.pass(ms)));
const allIsWell = fc.constant(step('all is well', (story) => story.becomeWell()));
/** What is on outlives a process, or two, by a clock that was set meanwhile. */
const outlived = together(
  allIsWell,
  fc.constantFrom(
    step('lamp for 1500 ms', (story) => story.switchOn(LAMP, 1500)),
    step('lamp', (story) => story.switchOn(LAMP)),
  ),
  ...[longEnough(400), clockIsSet, ends, longEnough(6000), ends],
);
/** It takes commands, and is not found: nobody may read it, it is another one, or its set-up fails. */
const notFound = together(
  allIsWell,
  fc.oneof(
    timed(60_000, 'paused for', (story, ms) => story.pause(ms)),
    fc.constantFrom(
      step('another', (story) => story.meet({ another: true })),
      step('refuses its set-up', (story) => story.meet({ refuses: true })),
    ),
  ),
  fc.constant(step('pulled', (story) => story.meet({ plugged: false }))),
  timed(3000, 'pump for', (story, ms) => story.switchOn(PUMP, ms)),
  timed(5000, 'pass', (story, ms) => story.pass(ms)),
  fc.constant(step('plugged', (story) => story.meet({ plugged: true }))),
  timed(3000, 'pump for', (story, ms) => story.switchOn(PUMP, ms)),
  timed(5000, 'pass', (story, ms) => story.pass(ms)),
);
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: switched },
    { weight: 5, arbitrary: sudden },
    { weight: 4, arbitrary: timed(60, 'pass', (story, ms) => story.pass(ms)) },
    { weight: 5, arbitrary: timed(5000, 'pass', (story, ms) => story.pass(ms)) },
    { weight: 1, arbitrary: timed(90_000, 'pass', (story, ms) => story.pass(ms)) },
    { weight: 3, arbitrary: timed(60_000, 'paused for', (story, ms) => story.pause(ms)) },
    { weight: 1, arbitrary: ends },
    { weight: 2, arbitrary: cutOff },
    { weight: 2, arbitrary: outlived },
    { weight: 1, arbitrary: notFound },
  ),
  { maxLength: 40 },
);

test('what is switched on ends as promised, whatever happens to it', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (told) => {
      const story = new OutputStory();
      await story.start();
      for (const [, run] of told) {
        await run(story);
        if (story.broken.length > 0) break;
      }
      if (story.broken.length === 0) await story.end();
      assert.deepEqual(story.broken.slice(0, 3), [], told.map(([what]) => what).join(', '));
    }),
    { numRuns: RUNS },
  );
});
