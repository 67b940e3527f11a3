// The gateway's connection to an outside broker, for tests.
import type { TestContext } from 'node:test';
import { OutsideBroker } from '../../../gateway/broker/outside/broker.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { encodeText } from '../../../shared/messages.js';
import { RecordingLog } from '../recording-log.js';

export const STATUS_TOPIC = 'gateway/status';

export interface TestOutside {
  readonly outside: OutsideBroker;
  readonly log: RecordingLog;
}

/** Not started. */
export function outsideBroker(url: string, clientId = 'gateway'): TestOutside {
  const log = new RecordingLog();
  const outside = new OutsideBroker({
    url,
    clientId,
    status: { topic: STATUS_TOPIC, online: () => encodeText('online'), offline: () => encodeText('offline') },
    log,
    clock: new SystemClock(),
    retry: { firstMs: 10, mostMs: 100 },
  });
  return { outside, log };
}

/** Started, its first try over; stopped after the test. */
export async function startOutside(
  t: Pick<TestContext, 'after'>,
  url: string,
  clientId = 'gateway',
): Promise<TestOutside> {
  const made = outsideBroker(url, clientId);
  t.after(async () => made.outside.stop());
  await made.outside.start();
  await made.outside.door.start();
  return made;
}
