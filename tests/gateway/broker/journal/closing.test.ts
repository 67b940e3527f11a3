// A disk that fails at the last moment: what was open is closed, what was held is let go, and the error is told.
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EmbeddedBroker } from '../../../../gateway/broker/embedded/broker.js';
import { BrokerJournal } from '../../../../gateway/broker/journal/journal.js';
import { connectPacket, openRaw, subscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { TOPICS } from '../../../support/mqtt/embedded-broker.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';

const DESCRIPTORS = '/proc/self/fd';
const skip = process.platform === 'linux' ? false : 'it looks into /proc';

function targetOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(join(DESCRIPTORS, descriptor));
  } catch {
    // The one that lists them is gone by then.
    return undefined;
  }
}

test('a sync that fails at the stop leaves no file open and no session behind', { skip }, async (t) => {
  const dataDir = await temporaryFolder(t);
  const log = new RecordingLog();
  const journal = new BrokerJournal({ dataDir, clock: new FakeClock(), log });
  const broker = new EmbeddedBroker({
    ...{ host: '127.0.0.1', port: 0, topics: TOPICS, log, clock: new SystemClock(), journal },
  });
  await broker.start();
  await broker.door.start();
  const client = await openRaw(t, broker.door.port);
  client.send(connectPacket('c', { clean: false }));
  await client.bytes(4);
  client.send(subscribePacket('a', 1));
  await client.bytes(9);
  await until('the journal', () => journal.stats().entries > 1);
  const path = join(dataDir, 'broker.journal');
  const descriptor = readdirSync(DESCRIPTORS).find((one) => targetOf(one) === path) ?? assert.fail();
  // Its number is given to a file that cannot be synced.
  closeSync(Number(descriptor));
  assert.equal(openSync('/dev/null', 'w'), Number(descriptor));
  await broker.door.stop();
  await assert.rejects(broker.stop(), /EINVAL/);
  assert.equal(targetOf(descriptor), undefined);
  assert.equal(broker.stats().subscriptions, 0);
});
