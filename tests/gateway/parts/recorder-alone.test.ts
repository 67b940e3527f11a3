// A recorder alone, with a clock that is moved by hand: what it is made of, in its order, and that its times are kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../../gateway/logging/logger.js';
import { RecorderAlone } from '../../../gateway/parts/recorder-alone.js';
import { makeDataFolder } from '../../../gateway/store/file/data-folder.js';
import { loadRecorderConfig } from '../../../gateway/config/load.js';
import { isClockWrong } from '../../../gateway/process/clock-sync.js';
import { Topics } from '../../../shared/topics.js';
import { FakeClock } from '../../support/fake-clock.js';
import { connectClient } from '../../support/mqtt/client.js';
import { startBroker } from '../../support/mqtt/embedded-broker.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const TOPICS = new Topics('iot', 'centre');
const GATEWAY = new Topics('iot', 'greenhouse');
const YEAR = 365 * 86_400_000;

/** An event, or the answer to a request. */
interface Said {
  readonly type?: string;
  readonly corrected?: number;
  readonly data?: { readonly samples: readonly { readonly ts: number; readonly clock?: string }[] };
}

test('samples that a recorder alone dated before its clock was set are moved, and its clock starts before it', async (t) => {
  const { broker, url } = await startBroker(t);
  const dataDir = await temporaryFolder(t);
  await makeDataFolder(dataDir);
  const clock = new FakeClock();
  assert.ok(isClockWrong(clock.now()));
  const startTs = clock.now();
  const running: string[] = [];
  const output = {
    write: (line: string) => {
      const { msg, part = '' } = JSON.parse(line) as { readonly msg: string; readonly part?: string };
      if (msg === 'runs') running.push(part);
    },
  };
  const logger = await createLogger({ level: 'debug', clock, style: 'json', output });
  const recorder = new RecorderAlone({
    ...{ config: await loadRecorderConfig(undefined), name: 'centre', clientId: 'centre', version: '0' },
    ...{ dataDir, outsideBrokerUrl: url, clock, logger },
  });
  const said = new Map<string, Said>();
  for (const topic of [TOPICS.event, TOPICS.response('history')])
    await broker.bus.subscribe(topic, 1, ({ payload }) => {
      said.set(topic, JSON.parse(Buffer.from(payload).toString()) as Said);
    });
  await recorder.start();
  t.after(() => recorder.stop());
  const client = await connectClient(t, url);
  await client.publish(GATEWAY.telemetry('tank-1'), '{"values":{"n":1}}', { qos: 1 });

  clock.jumpWallClock(YEAR);
  await clock.advance(1000);
  const { type, corrected } = await until('the jump', () => said.get(TOPICS.event));
  assert.deepEqual([type, corrected], ['clock.jumped', 1]);
  await client.publish(TOPICS.request('history'), '{"device":"tank-1","last":"1h"}', { qos: 1 });
  const { data } = await until('the answer', () => said.get(TOPICS.response('history')));
  assert.deepEqual(
    data?.samples.map(({ ts, clock: mark }) => [ts, mark]),
    [[startTs + YEAR, 'corrected']],
  );
  assert.ok(
    running.includes('time') && running.indexOf('time') < running.indexOf('recorder'),
    running.join(),
  );
});
