// An embedded broker on a free port, for tests.
import type { TestContext } from 'node:test';
import { EmbeddedBroker } from '../../gateway/broker/embedded-broker.js';
import type { BrokerLimits } from '../../gateway/broker/limits.js';
import { SystemClock } from '../../gateway/system-clock.js';
import { Topics } from '../../shared/topics.js';
import { RecordingLog } from './recording-log.js';

export const TOPICS = new Topics('iot', 'greenhouse');

export interface TestBroker {
  readonly broker: EmbeddedBroker;
  readonly log: RecordingLog;
  readonly port: number;
  readonly url: string;
}

/** Started; stopped after the test. */
export async function startBroker(
  t: Pick<TestContext, 'after'>,
  limits: Partial<BrokerLimits> = {},
): Promise<TestBroker> {
  const log = new RecordingLog();
  const broker = new EmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    topics: TOPICS,
    log,
    clock: new SystemClock(),
    limits,
  });
  await broker.start();
  await broker.door.start();
  const { port } = broker.door;
  t.after(async () => {
    await broker.door.stop();
    await broker.stop();
  });
  return { broker, log, port, url: `mqtt://127.0.0.1:${String(port)}` };
}
