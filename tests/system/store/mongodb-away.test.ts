// MongoDB does not answer: the health topic names what is wrong, and what waits here can be asked for all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryAnswer } from '../../../bridge/history/history.js';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { findFerretDb, NO_FERRETDB } from '../../support/mongo/server.js';
import { connectClient } from '../../support/mqtt/client.js';
import { until, untilAsync } from '../../support/waiting.js';

const SAMPLE = { ts: Date.now(), boot: 'b', seq: 7, values: { wind: 3 } };
const TELEMETRY = 'iot/greenhouse/device/probe/telemetry';
const HEALTH = 'iot/greenhouse/health';

test('while no server answers the health topic says so, and history gives what waits for it', async (t) => {
  // Nobody listens on port 1.
  const env = { MONGODB_URI: 'mongodb://127.0.0.1:1/away' };
  const gateway = await startGateway(t, { env });
  const client = await connectClient(t, gateway.mqttUrl);
  await client.publish(TELEMETRY, JSON.stringify(SAMPLE), { qos: 1 });
  await client.subscribe(HEALTH);

  const url = `${gateway.pageUrl}api/history?device=probe&from=0`;
  const answer = (await (await fetch(url)).json()) as HistoryAnswer;
  assert.deepEqual([answer.missing?.code, answer.samples.map(({ seq }) => seq)], ['store_unreachable', [7]]);
  const [page, csv] = await Promise.all([fetch(`${url}&after=`), fetch(`${url}&format=csv`)]);
  assert.deepEqual([page.status, csv.status], [503, 503]);
  const shell = await runToEnd(t, ['history', 'probe', '--data', gateway.dataDir], env);
  assert.match(shell.output, /^Only what waits for MongoDB, which cannot be asked: /m);
  assert.match(shell.output, /^\S+ +3$/m);

  const named = (text: string): boolean =>
    (JSON.parse(text) as { store: { condition?: { name: string } } }).store.condition?.name === 'server_down';
  await until(
    'a health that names it',
    () => client.received.some(({ topic, text }) => topic === HEALTH && named(text)),
    30_000,
  );
});

test('a server that hangs costs a stop neither its order nor what waits for it', async (t) => {
  const server = await findFerretDb();
  if (server?.pause === undefined) {
    t.skip(NO_FERRETDB);
    return;
  }
  t.after(() => {
    server.resume?.();
    return server.stop();
  });
  const env = { MONGODB_URI: `${server.uri('hanging')}?directConnection=true` };
  const gateway = await startGateway(t, { env });
  const client = await connectClient(t, gateway.mqttUrl);
  const publish = (seq: number): Promise<unknown> =>
    client.publish(TELEMETRY, JSON.stringify({ ...SAMPLE, seq }), { qos: 1 });
  await publish(7);
  await untilAsync('the store answering', () => recorded(gateway.pageUrl, 7));
  server.pause();
  await publish(8);
  assert.equal(await gateway.end('SIGTERM'), 0, gateway.output());

  server.resume?.();
  const again = await startGateway(t, { env, dataDir: gateway.dataDir });
  await untilAsync('both in the store', () => recorded(again.pageUrl, 7, 8));
});

async function recorded(pageUrl: string, ...seqs: number[]): Promise<boolean> {
  const answer = (await (await fetch(`${pageUrl}api/history?device=probe&from=0`)).json()) as HistoryAnswer;
  const found = answer.samples.map(({ seq }) => seq).sort();
  return answer.missing === undefined && found.join() === seqs.join();
}
