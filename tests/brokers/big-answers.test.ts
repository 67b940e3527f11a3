// What is asked of the history is more than a broker takes in one message: the answer is what fits, counted in bytes, the
// rest comes page after page, and nothing that the gateway says besides is held up. Mosquitto takes 2 MiB by our
// mosquitto.conf, NATS 1 MiB, Moquette 8,092 bytes.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { HistoryAnswer } from '../../bridge/history/history.js';
import { StoreWorker } from '../../gateway/store/durable/worker.js';
import { SystemClock } from '../../gateway/process/system-clock.js';
import type { ResponseMessage } from '../../shared/messages.js';
import { identityOf } from '../../shared/sample.js';
import { startGateway } from '../support/gateway-process.js';
import { connectClient, type TestClient } from '../support/mqtt/client.js';
import { RecordingLog } from '../support/recording-log.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/waiting.js';
import { brokerNamed, without } from './brokers.js';
import { startBroker } from './running-broker.js';

const ROOT = 'iot/greenhouse';
const SAMPLES = 8000;
/** Two bytes each in UTF-8. */
const DEGREES = '°'.repeat(100);
const HOUR_MS = 3_600_000;

async function withSamples(t: TestContext): Promise<string> {
  const dataDir = await temporaryFolder(t);
  const store = new StoreWorker({
    ...{ dataDir, clock: new SystemClock(), log: new RecordingLog() },
    onFailure: (error) => {
      throw error;
    },
  });
  await store.start();
  const fromTs = Date.now() - HOUR_MS / 2;
  await store.outbox.append(
    Array.from({ length: SAMPLES }, (_, seq) => ({
      ...{ ts: fromTs + seq, gateway: 'greenhouse', device: 'old', identity: { boot: 'b', seq } },
      values: { text: DEGREES },
    })),
  );
  await store.stop();
  return dataDir;
}

async function ask(client: TestClient, question: object): Promise<HistoryAnswer> {
  const before = client.received.length;
  await client.publish(`${ROOT}/request/history`, JSON.stringify(question), { qos: 1 });
  const { text } = await until('the answer', () => client.received.slice(before)[0], 60_000);
  const { status, data } = JSON.parse(text) as ResponseMessage & { data: HistoryAnswer };
  assert.equal(status, 'ok', text.slice(0, 300));
  return data;
}

for (const id of ['mosquitto', 'nats', 'moquette']) {
  const kind = brokerNamed(id);
  test(
    `${SAMPLES.toLocaleString('en')} large samples come through ${kind.name}, in pages`,
    { skip: without(kind) },
    async (t) => {
      const broker = await startBroker(t, kind);
      const client = await connectClient(t, broker.url, { protocolVersion: 4 });
      await client.subscribe(`${ROOT}/response/history`, 1);
      const dataDir = await withSamples(t);
      const { pageUrl } = await startGateway(t, { dataDir, args: ['--no-broker', '--mqtt', broker.url] });
      const asked = { device: 'old', last: '1h', limit: SAMPLES };
      const newest = await ask(client, asked);
      assert.ok(newest.truncated && newest.samples.length > 0);
      assert.equal(newest.samples.at(-1)?.seq, SAMPLES - 1);
      const all = new Set<string>();
      let pages = 0;
      for (let after: string | undefined = ''; after !== undefined; pages += 1) {
        const page: HistoryAnswer = await ask(client, { ...asked, after });
        for (const sample of page.samples) all.add(identityOf(sample));
        after = page.next;
      }
      t.diagnostic(`${String(pages)} pages`);
      assert.equal(all.size, SAMPLES);
      const askedAt = Date.now();
      const isRecorded = async (): Promise<boolean> => {
        const url = `${pageUrl}api/history?device=lamp-1&from=${String(askedAt)}`;
        return ((await (await fetch(url)).json()) as HistoryAnswer).samples.length > 0;
      };
      while (!(await isRecorded())) assert.ok(Date.now() - askedAt < 60_000, 'own samples are not recorded');
      assert.equal((await fetch(`${pageUrl}healthz`)).status, 200);
    },
  );
}
