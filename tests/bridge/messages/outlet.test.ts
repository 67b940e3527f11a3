// What the log says of messages that aren't taken: where it begins and where it ends, not each of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ONCE, Outlet } from '../../../bridge/messages/outlet.js';
import { GatewayError, type ErrorCode } from '../../../shared/errors.js';
import { startBroker } from '../../support/mqtt/embedded-broker.js';
import { RecordingLog } from '../../support/recording-log.js';

const GOOD = 'iot/greenhouse/device/tank-1/state';
const REFUSED = 'iot/greenhouse/device/tank-1/telemetry';

/** Ten messages that are taken, each after one that is refused with `code`: the sentences of the log, and the counts. */
async function everyOtherRefused(t: Parameters<typeof startBroker>[0], code: ErrorCode): Promise<unknown[]> {
  const { broker } = await startBroker(t);
  await broker.bus.subscribeBeforeAck(REFUSED, () => Promise.reject(new GatewayError(code, 'no')));
  const log = new RecordingLog();
  const outlet = new Outlet(broker.bus, log);
  for (let round = 0; round < 10; round += 1) {
    await outlet.sent(REFUSED, Buffer.from('{}'), ONCE);
    await outlet.sent(GOOD, Buffer.from('{}'), ONCE);
  }
  const { published, failed } = outlet.counts();
  return [published, failed, log.messages('warn').length, log.messages('info').length];
}

test('a message that a handler fails for is said, and that publishing works again', async (t) => {
  assert.deepEqual(await everyOtherRefused(t, 'store_failed'), [10, 10, 10, 10]);
});

test('samples that a full store refuses are counted, and left to the line a minute that the store has', async (t) => {
  assert.deepEqual(await everyOtherRefused(t, 'store_full'), [10, 10, 0, 0]);
});
