// Somebody who wants the data: page by page over HTTP, as a spreadsheet, or all of it in a file.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HistoryAnswer } from '../../../bridge/history/history.js';
import { identityOf, type RecordedSample } from '../../../shared/sample.js';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const TELEMETRY = 'iot/greenhouse/device/probe/telemetry';
/** Of one moment, three each: pages end among samples of the same time. */
const SAMPLES = Array.from({ length: 25 }, (_, seq) => ({
  ...{ ts: 1_767_000_000_000 + Math.floor(seq / 3), boot: 'probe-boot', seq },
  values: { level: seq, note: seq === 7 ? '=1+1' : 'é, "x"' },
}));

test('everything is had page by page over HTTP, as CSV, and as a file that can be imported again without harm', async (t) => {
  const gateway = await startGateway(t);
  const client = await connectClient(t, gateway.mqttUrl);
  for (const sample of SAMPLES) await client.publish(TELEMETRY, JSON.stringify(sample), { qos: 1 });
  const api = `${gateway.pageUrl}api/history?device=probe&from=0`;

  const paged: RecordedSample[] = [];
  let url: string | undefined = `${api}&limit=4&after=`;
  while (url !== undefined) {
    const response: Response = await fetch(url);
    const { samples } = (await response.json()) as HistoryAnswer;
    paged.push(...samples);
    const next = /<(.+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    url = next === undefined ? undefined : new URL(next, gateway.pageUrl).href;
  }
  assert.deepEqual(
    paged.map(({ seq }) => seq).sort((a, b) => a - b),
    SAMPLES.map(({ seq }) => seq),
  );

  const csv = await fetch(`${api}&fields=level&limit=2`, { headers: { Accept: 'text/csv' } });
  assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/);
  assert.equal(
    await csv.text(),
    'ts,boot,seq,level,errors,clock\r\n2025-12-29T09:20:00.007Z,probe-boot,23,23,,\r\n2025-12-29T09:20:00.008Z,probe-boot,24,24,,\r\n',
  );
  assert.equal((await fetch(`${api}&format=xml`)).status, 400);
  assert.equal((await fetch(`${api}&gateway=`)).status, 400);
  for (const [gatewayId, count] of [
    ['greenhouse', 4],
    ['barn', 0],
  ] as const) {
    const answer = (await (await fetch(`${api}&limit=4&gateway=${gatewayId}`)).json()) as HistoryAnswer;
    assert.deepEqual([answer.gateway, answer.samples.length], [gatewayId, count]);
  }
  const points = await fetch(`${api}&fields=level&points=1&format=csv`);
  assert.match(await points.text(), /^ts,field,count,min,avg,max\r\n\S+,level,25,0,12,24\r\n$/);

  const exported = await exportOf(t, gateway.dataDir);
  assert.equal(exported.length, SAMPLES.length);
  for (const line of exported) await client.publish(TELEMETRY, line, { qos: 1 });
  assert.deepEqual(await exportOf(t, gateway.dataDir), exported);
  assert.equal(new Set(exported.map((line) => identityOf(JSON.parse(line) as RecordedSample))).size, 25);

  assert.equal(await gateway.end('SIGINT'), 0);
  assert.deepEqual(await exportOf(t, gateway.dataDir), exported);
  const file = join(await temporaryFolder(t), 'probe.csv');
  const write = ['export', 'probe', '--format', 'csv', '--output', file, '--data', gateway.dataDir];
  assert.match((await runToEnd(t, write)).output, /^26 lines written\n$/);
  const [header, ...rows] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  assert.equal(header, 'ts,boot,seq,level,note,errors,clock');
  assert.equal(rows.length, 25);
  assert.ok(rows.some((row) => row.endsWith(`,7,7,'=1+1,,`)));
  assert.match((await runToEnd(t, write)).output, /^bad_argument: --output must be a new file/);

  const shell = ['history', 'probe', '--from', '2025-01-01', '--data', gateway.dataDir];
  const chosen = await runToEnd(t, [...shell, '--fields', 'level', '--points', '1', '--format', 'jsonl']);
  assert.match(chosen.output, /"field":"level","count":25,"min":0,"avg":12,"max":24\}\n$/);
  assert.match(
    (await runToEnd(t, [...shell, '--fields', 'note', '--limit', '1'])).output,
    /^time +note\n.*é, "x"\nThese are the newest 1 of more: /,
  );
});

async function exportOf(t: Parameters<typeof runToEnd>[0], dataDir: string): Promise<string[]> {
  const { output } = await runToEnd(t, ['export', 'probe', '--data', dataDir]);
  return output.split('\n').filter((line) => line.startsWith('{'));
}
