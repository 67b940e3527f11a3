import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../../support/fake-clock.js';
import { hang, stage, throwing } from './supervised-story.js';

const ALL_STARTED = ['start store', 'start broker', 'start web'];
const ALL_STOPPED = ['stop web', 'stop broker', 'stop store'];

test('parts start in order and stop in reverse, each after the one before', async () => {
  const { supervisor, story, clock } = stage();
  await supervisor.start();
  assert.deepEqual(
    supervisor.health().map(({ state }) => state),
    ['running', 'running', 'running'],
  );
  await supervisor.stop();
  assert.deepEqual(story, [...ALL_STARTED, ...ALL_STOPPED]);
  assert.equal(await supervisor.ended, undefined);
  assert.equal(clock.waiting, 0);
});

test('stopping twice stops once, and both calls wait', async () => {
  const { supervisor, story, store } = stage();
  let release = (): void => undefined;
  store.onStop = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  await supervisor.start();
  let stopped = 0;
  const both = [supervisor.stop(), supervisor.stop()].map((stop) => stop.then(() => (stopped += 1)));
  await settled();
  assert.equal(stopped, 0);
  release();
  await Promise.all(both);
  assert.deepEqual(story, [...ALL_STARTED, ...ALL_STOPPED]);
});

test('when a part does not start, those before it are stopped and its error is the one reported', async () => {
  const { supervisor, story, broker, store } = stage('broker');
  broker.onStart = throwing('port 1883 is taken');
  store.onStop = throwing('also bad');
  await assert.rejects(supervisor.start(), /port 1883 is taken/);
  assert.deepEqual(story, ['start store', 'start broker', 'stop store']);
  assert.match(String(await supervisor.ended), /port 1883 is taken/);
  assert.equal(supervisor.health()[1]?.error?.message, 'port 1883 is taken');
});

test('a stop while parts still start waits for the one that is starting and starts no more', async () => {
  const { supervisor, story, broker } = stage();
  let started = (): void => undefined;
  broker.onStart = () =>
    new Promise((resolve) => {
      started = resolve;
    });
  const starting = supervisor.start();
  await settled();
  const stopping = supervisor.stop();
  await settled();
  assert.deepEqual(story, ['start store', 'start broker']);
  started();
  await Promise.all([starting, stopping]);
  assert.deepEqual(story, ['start store', 'start broker', 'stop broker', 'stop store']);
  assert.equal(await supervisor.ended, undefined);
});

test('a part that hangs in stop is given up after 2 s, named in the log, and the others are still stopped', async () => {
  const { supervisor, story, clock, log, web } = stage();
  web.onStop = hang;
  await supervisor.start();
  const stopping = supervisor.stop();
  await clock.advance(1_999);
  assert.equal(story.at(-1), 'stop web');
  await clock.advance(1);
  await stopping;
  assert.deepEqual(story.slice(-3), ALL_STOPPED);
  assert.deepEqual(log.messages('error'), ['web did not stop well']);
  assert.match(String(await supervisor.ended), /web did not stop in time/);
});

test('each part is told how long it is given, and one that gives up what it waits for before then is no error', async () => {
  const { supervisor, clock, store, broker, web } = stage();
  const given: (number | undefined)[] = [];
  for (const part of [web, broker, store])
    part.onStop = (withinMs) => {
      given.push(withinMs);
      return new Promise((resolve) => {
        clock.after((withinMs ?? 0) - 1, resolve);
      });
    };
  await supervisor.start();
  const stopping = supervisor.stop();
  await clock.advance(5_000);
  await stopping;
  assert.deepEqual(given, [2000, 2000, 1002]);
  assert.equal(await supervisor.ended, undefined);
});

test('everything is over after 5 s even when all hang, and each was told to stop', async () => {
  const { supervisor, story, clock, log, store, broker, web } = stage();
  for (const part of [store, broker, web]) part.onStop = hang;
  await supervisor.start();
  const stopping = supervisor.stop();
  await clock.advance(5_000);
  await stopping;
  assert.deepEqual(story.slice(-3), ALL_STOPPED);
  assert.deepEqual(log.messages('error'), [
    'web did not stop well',
    'broker did not stop well',
    'store did not stop well',
  ]);
});

test('a part that hangs in start does not keep a stop from ending', async () => {
  const { supervisor, story, clock, broker } = stage();
  broker.onStart = hang;
  void supervisor.start();
  await settled();
  const stopping = supervisor.stop();
  await clock.advance(5_000);
  await stopping;
  assert.deepEqual(story, ['start store', 'start broker', 'stop store']);
});

test('the first failure of a part that cannot be restarted stops all and stays the error, whatever fails after it', async () => {
  const { supervisor, story, web, log } = stage('web');
  web.onStop = throwing('second');
  await supervisor.start();
  supervisor.fail('store', new Error('first: disk gone'));
  supervisor.fail('broker', new Error('third'));
  assert.match(String(await supervisor.ended), /first: disk gone/);
  assert.deepEqual(story, [...ALL_STARTED, ...ALL_STOPPED]);
  assert.equal(supervisor.health()[0]?.state, 'failed');
  assert.deepEqual(log.messages('warn'), ['broker failed while the gateway stops']);
});

test('a part that fails for good while a later one starts ends the start with its error', async () => {
  const { supervisor, story, broker } = stage();
  broker.onStart = () => {
    supervisor.fail('store', new Error('disk gone'));
    return Promise.resolve();
  };
  await assert.rejects(supervisor.start(), /disk gone/);
  assert.deepEqual(story, ['start store', 'start broker', 'stop broker', 'stop store']);
});

test('a failure reported under a name nobody has is a mistake of the program', async () => {
  const { supervisor } = stage();
  assert.throws(() => {
    supervisor.fail('nobody', new Error('x'));
  }, RangeError);
  await supervisor.stop();
});
