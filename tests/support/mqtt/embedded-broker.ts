// An embedded broker on a free port, for tests.
import type { TestContext } from 'node:test';
import { EmbeddedBroker } from '../../../gateway/broker/embedded/broker.js';
import type { EmbeddedBrokerOptions } from '../../../gateway/broker/embedded/options.js';
import type { BrokerLimits } from '../../../gateway/broker/mqtt/limits.js';
import { Doorkeeper, type DoorkeeperOptions } from '../../../gateway/broker/rights/doorkeeper.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { Topics } from '../../../shared/topics.js';
import { RecordingLog } from '../recording-log.js';

export const TOPICS = new Topics('iot', 'greenhouse');

export interface TestBroker {
  readonly broker: EmbeddedBroker;
  readonly doorkeeper: Doorkeeper;
  readonly log: RecordingLog;
  readonly port: number;
  readonly url: string;
}

/** Mosquitto's files. */
export type TestUsers = Pick<DoorkeeperOptions, 'passwordFile' | 'aclFile' | 'tokenFile' | 'anonymous'> &
  Partial<Pick<DoorkeeperOptions, 'clock'>>;

/** Started; stopped after the test. It says nothing on `$SYS`, unless `more` has an interval. */
export async function startBroker(
  t: Pick<TestContext, 'after'>,
  limits: Partial<BrokerLimits> = {},
  users: TestUsers = { anonymous: true },
  delivery: 'direct' | 'aedes' = 'direct',
  more: Partial<EmbeddedBrokerOptions> = {},
): Promise<TestBroker> {
  const log = new RecordingLog();
  const clock = users.clock ?? new SystemClock();
  const doorkeeper = new Doorkeeper({ clock, log, ...users });
  const broker = new EmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    topics: TOPICS,
    log,
    clock,
    limits,
    doorkeeper,
    delivery,
    sysIntervalMs: 0,
    ...more,
  });
  await doorkeeper.start();
  await broker.start();
  await broker.door.start();
  const { port } = broker.door;
  t.after(async () => {
    await broker.door.stop();
    await broker.stop();
    await doorkeeper.stop();
  });
  return { broker, doorkeeper, log, port, url: `mqtt://127.0.0.1:${String(port)}` };
}
