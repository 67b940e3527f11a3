import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hang, stage, throwing } from './supervised-story.js';

test('a restartable part is taken down, comes back after a pause, and the others never notice', async () => {
  const { supervisor, story, clock } = stage('broker');
  await supervisor.start();
  supervisor.fail('broker', new Error('socket lost'));
  await clock.advance(999);
  assert.deepEqual(story.slice(3), ['stop broker']);
  assert.deepEqual(supervisor.health()[1], {
    name: 'broker',
    state: 'restarting',
    restarts: 0,
    error: { code: 'internal', message: 'socket lost' },
  });
  await clock.advance(1);
  assert.deepEqual(story.slice(3), ['stop broker', 'start broker']);
  assert.equal(supervisor.health()[1]?.state, 'running');
  assert.equal(supervisor.health()[1]?.restarts, 1);
});

test('pauses double up to a minute while it does not come back', async () => {
  const { supervisor, story, clock, broker } = stage('broker');
  const attemptsAtMs: number[] = [];
  await supervisor.start();
  broker.onStart = () => {
    attemptsAtMs.push(clock.monotonicMs());
    return Promise.reject(new Error('still gone'));
  };
  supervisor.fail('broker', new Error('gone'));
  await clock.advance(250_000);
  const pausesMs = attemptsAtMs.map((atMs, i) => atMs - (attemptsAtMs[i - 1] ?? 0));
  assert.deepEqual(pausesMs, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  assert.equal(story.filter((what) => what === 'stop broker').length, 1);
});

test('a part that fails soon after it came back waits longer; one that ran for a minute begins anew', async () => {
  const { supervisor, clock } = stage('web');
  await supervisor.start();
  const pauseAfter = async (runsMs: number): Promise<number | undefined> => {
    await clock.advance(runsMs);
    supervisor.fail('web', new Error('lost'));
    await clock.advance(0);
    const pauseMs = clock.nextDueInMs;
    await clock.advance(pauseMs ?? 0);
    return pauseMs;
  };
  assert.equal(await pauseAfter(0), 1_000);
  assert.equal(await pauseAfter(59_999), 2_000);
  assert.equal(await pauseAfter(60_000), 1_000);
});

test('a failure reported while the part is coming back counts as not having come back', async () => {
  const { supervisor, story, clock, broker } = stage('broker');
  await supervisor.start();
  broker.onStart = () => {
    supervisor.fail('broker', new Error('lost at once'));
    broker.onStart = () => Promise.resolve();
    return Promise.resolve();
  };
  supervisor.fail('broker', new Error('lost'));
  await clock.advance(1_000);
  assert.equal(supervisor.health()[1]?.state, 'restarting');
  assert.deepEqual(story.slice(3), ['stop broker', 'start broker', 'stop broker']);
  await clock.advance(2_000);
  assert.equal(supervisor.health()[1]?.state, 'running');
});

test('several reports of one failure restart once', async () => {
  const { supervisor, story, clock } = stage('broker');
  await supervisor.start();
  for (let i = 0; i < 5; i += 1) supervisor.fail('broker', new Error(`report ${String(i)}`));
  await clock.advance(60_000);
  assert.deepEqual(story.slice(3), ['stop broker', 'start broker']);
});

test('a failed part that hangs in stop is started again after 2 s and the pause', async () => {
  const { supervisor, story, clock, broker } = stage('broker');
  broker.onStop = hang;
  await supervisor.start();
  supervisor.fail('broker', new Error('stuck'));
  await clock.advance(3_000);
  assert.deepEqual(story.slice(3), ['stop broker', 'start broker']);
});

test('stopping during the pause cancels it and does not stop the part a second time', async () => {
  const { supervisor, story, clock } = stage('broker');
  await supervisor.start();
  supervisor.fail('broker', new Error('lost'));
  await clock.advance(500);
  await supervisor.stop();
  assert.equal(clock.waiting, 0);
  await clock.advance(60_000);
  assert.deepEqual(story.slice(3), ['stop broker', 'stop web', 'stop store']);
});

test('stopping while a restart is under way waits for it and then stops the part', async () => {
  const { supervisor, story, clock, broker } = stage('broker');
  await supervisor.start();
  supervisor.fail('broker', new Error('lost'));
  let started = (): void => undefined;
  broker.onStart = () =>
    new Promise((resolve) => {
      started = resolve;
    });
  await clock.advance(1_000);
  const stopping = supervisor.stop();
  await clock.advance(100);
  started();
  await stopping;
  assert.deepEqual(story.slice(3), ['stop broker', 'start broker', 'stop web', 'stop broker', 'stop store']);
});

test('stopping while the failed part is being taken down begins no pause', async () => {
  const { supervisor, story, clock, broker } = stage('broker');
  await supervisor.start();
  let stopped = (): void => undefined;
  broker.onStop = () =>
    new Promise((resolve) => {
      stopped = resolve;
    });
  supervisor.fail('broker', new Error('lost'));
  const stopping = supervisor.stop();
  await clock.advance(100);
  stopped();
  await stopping;
  assert.equal(clock.waiting, 0);
  assert.deepEqual(story.slice(3), ['stop broker', 'stop web', 'stop store']);
});

test('a stop that throws during a restart is said and the part is started all the same', async () => {
  const { supervisor, clock, log, broker } = stage('broker');
  broker.onStop = throwing('already closed');
  await supervisor.start();
  supervisor.fail('broker', new Error('lost'));
  await clock.advance(1_000);
  assert.deepEqual(log.messages('error'), ['broker did not stop well']);
  assert.equal(supervisor.health()[1]?.state, 'running');
});
