// The wills of clients that were connected when the process was killed, with the rights of who left them.
import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrokerJournal } from '../../../../gateway/broker/journal/journal.js';
import { makeHash } from '../../../../gateway/broker/rights/password-hash.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { startBroker, type TestBroker } from '../../../support/mqtt/embedded-broker.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';

const ACL = 'topic read #\n\nuser otto\ntopic readwrite ottos/#\n\nuser vera\ntopic read #\n';

void test('a will from before a kill counts as of the user who left it, not as of nobody', async (t) => {
  const folder = await temporaryFolder(t);
  const [passwordFile, aclFile] = [join(folder, 'passwords'), join(folder, 'acl')];
  const hash = await makeHash(Buffer.from('secret'));
  await writeFile(passwordFile, `otto:${hash}\nvera:${hash}\n`);
  await writeFile(aclFile, ACL);
  const start = async (dataDir: string): Promise<TestBroker & { readonly journal: BrokerJournal }> => {
    const journal = new BrokerJournal({ dataDir, clock: new SystemClock(), log: new RecordingLog() });
    const users = { passwordFile, aclFile, anonymous: true };
    return { ...(await startBroker(t, {}, users, 'direct', { journal })), journal };
  };
  const first = await start(folder);
  for (const username of ['otto', 'vera', undefined]) {
    const who = username ?? 'nobody';
    const will = { topic: `ottos/${who}`, payload: Buffer.from(who), qos: 1 as const, retain: true };
    const login = username === undefined ? {} : { username, password: 'secret' };
    await connectClient(t, first.url, { clientId: who, will, ...login });
  }
  await until('the wills on disk', () => first.journal.stats().entries >= 4);
  // As a kill leaves it: nothing of the orderly stop is in it.
  const killed = await temporaryFolder(t);
  await copyFile(join(folder, 'broker.journal'), join(killed, 'broker.journal'));
  const second = await start(killed);
  const reader = await connectClient(t, second.url, { username: 'otto', password: 'secret' });
  await reader.subscribe('#', 1);
  await reader.publish('ottos/last', 'x', { qos: 1 });
  await reader.message('ottos/last');
  assert.deepEqual(
    reader.received.map(({ topic }) => topic),
    ['ottos/otto', 'ottos/last'],
  );
});
