import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, type Logger } from '../../../gateway/logging/logger.js';
import { FakeClock } from '../../support/fake-clock.js';

interface Line {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

async function collecting(level: 'debug' | 'info' | 'warn' = 'debug') {
  const clock = new FakeClock(0);
  const texts: string[] = [];
  const logger = await createLogger({
    level,
    clock,
    style: 'json',
    output: { write: (text) => texts.push(text) },
  });
  return { clock, logger, lines: () => texts.map((text) => JSON.parse(text) as Line) };
}

function published(logger: Logger): string[] {
  const messages: string[] = [];
  logger.onLine((level, line) => messages.push(`${level} ${(JSON.parse(line) as Line).msg}`));
  return messages;
}

test('a line is one JSON object with level, time in ISO form, the fields and the sentence', async () => {
  const { logger, lines } = await collecting();
  logger.log.child({ device: 'tank-1' }).warn({ code: 'no_ack', ms: 12 }, 'the device went offline');
  assert.deepEqual(lines(), [
    {
      level: 'warn',
      time: '1970-01-01T00:00:00.000Z',
      device: 'tank-1',
      code: 'no_ack',
      ms: 12,
      msg: 'the device went offline',
    },
  ]);
});

test('a change of level reaches children that were made before it', async () => {
  const { logger, lines } = await collecting('info');
  const child = logger.log.child({ device: 'tank-1' }).child({ bus: 'main' });
  child.debug({}, 'not yet');
  logger.setLevel('debug');
  child.debug({}, 'now');
  logger.setLevel('warn');
  child.info({}, 'no more');
  assert.deepEqual(
    lines().map((line) => line.msg),
    ['now'],
  );
  assert.equal(logger.level, 'warn');
});

test('a line stays valid JSON and short however much its bindings pile up', async () => {
  const { logger, lines } = await collecting();
  let log = logger.log;
  for (let i = 0; i < 30; i += 1) log = log.child({ [`binding${String(i)}`]: '"'.repeat(2_000) });
  log.info({ payload: '\u0000'.repeat(1_000_000) }, 'm'.repeat(1_000_000));
  assert.equal(lines().length, 1);
  assert.match(String(lines()[0]?.msg), /too long for the log/);
  assert.ok(JSON.stringify(lines()[0]).length < 10_000);
});

test('on a terminal a line is words, with the fields beside them', async () => {
  const texts: string[] = [];
  const logger = await createLogger({
    level: 'info',
    clock: new FakeClock(0),
    style: 'words',
    output: { write: (text) => texts.push(text) },
  });
  logger.log.info({ device: 'tank-1' }, 'the device is back');
  assert.match(texts.join(''), /^\[\d\d:\d\d:\d\d\.000\] INFO: the device is back \{"device":"tank-1"\}\n$/);
});

test('the listener gets each line with its level, and what it logs meanwhile is written but not handed to it', async () => {
  const { logger, lines } = await collecting();
  const seen: string[] = [];
  logger.onLine((level, line) => {
    seen.push(`${level} ${(JSON.parse(line) as Line).msg}`);
    logger.log.info({}, 'published a line');
  });
  logger.log.error({}, 'first');
  logger.log.debug({}, 'second');
  assert.deepEqual(seen, ['error first', 'debug second']);
  assert.deepEqual(
    lines().map((line) => line.msg),
    ['first', 'published a line', 'second', 'published a line'],
  );
});

test('a listener that causes a line later for each line it gets does not go round for ever, and the loss is counted', async () => {
  const { clock, logger, lines } = await collecting();
  logger.onLine(() => {
    clock.after(1, () => {
      logger.log.info({}, 'published');
    });
  });
  logger.log.info({}, 'begin');
  await clock.advance(999);
  assert.equal(lines().length, 101);
  assert.deepEqual(logger.health(), { lostLines: 0, unpublishedLines: 1, unprintedLines: 0 });
});

test('after a flood the listener gets lines again in the next second', async () => {
  const { clock, logger } = await collecting();
  const messages = published(logger);
  for (let i = 0; i < 150; i += 1) logger.log.info({}, 'flood');
  await clock.advance(1_000);
  logger.log.info({}, 'after');
  assert.equal(messages.length, 101);
  assert.equal(messages.at(-1), 'info after');
  assert.equal(logger.health().unpublishedLines, 50);
});

test('lines of the unpublished log are written and not handed on; without a listener nothing is', async () => {
  const { logger, lines } = await collecting();
  const messages = published(logger);
  logger.unpublished.child({ part: 'broker' }).warn({}, 'quiet');
  logger.onLine(undefined);
  logger.log.warn({}, 'nobody listens');
  assert.deepEqual(messages, []);
  assert.equal(lines().length, 2);
});
