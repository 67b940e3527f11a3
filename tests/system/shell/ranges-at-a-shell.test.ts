// At a shell and over HTTP: all is all, a time that is none is refused, and nobody's terminal obeys what a client made up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryAnswer } from '../../../bridge/history/history.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';

const TELEMETRY = 'iot/greenhouse/device/probe/telemetry';

test('an export without a range is all, also of a clock that is ahead; a time that is none is refused', async (t) => {
  const gateway = await startGateway(t);
  const client = await connectClient(t, gateway.mqttUrl);
  const ahead = { ts: Date.now() + 7_200_000, boot: 'probe-boot', seq: 0, values: { level: 1 } };
  await client.publish(TELEMETRY, JSON.stringify(ahead), { qos: 1 });
  const { output: lines } = await runToEnd(t, ['export', 'probe', '--data', gateway.dataDir]);
  const [line, ...more] = lines.split('\n').filter((text) => text.startsWith('{'));
  assert.deepEqual([(JSON.parse(line ?? '{}') as RecordedSample).ts, more], [ahead.ts, []]);
  const zone = encodeURI(new Date(ahead.ts).toISOString().replace('Z', '+00:00'));
  const from = (await (
    await fetch(`${gateway.pageUrl}api/history?device=probe&from=${zone}&to=8640000000000000`)
  ).json()) as HistoryAnswer;
  assert.deepEqual([from.from, from.samples.length], [ahead.ts, 1]);
  for (const query of ['from=1767000000', 'from=2026-02-30', 'from=', 'from=2000&to=1000'])
    assert.equal((await fetch(`${gateway.pageUrl}api/history?device=probe&${query}`)).status, 400, query);
  // Whatever a client makes up, it is a line of its own on nobody's terminal.
  const evil = { ts: Date.now(), values: { 'f\u001b[5m': 1, note: 'x\u001b[31mRED\nnew line' } };
  const forger = await connectClient(t, gateway.mqttUrl, { clientId: 'a\u001b[2Jb\nfake' });
  await forger.publish(TELEMETRY, JSON.stringify(evil), { qos: 1 });
  await forger.publish('iot/greenhouse/device/lamp-1/command/dim', '{"args":{"level":999}}', { qos: 1 });
  await forger.publish('iot/greenhouse/device/lamp-1/command/dim', '5', { qos: 1 });
  for (const words of [
    ['history', 'probe'],
    ['logbook', '--commands'],
  ]) {
    const { output } = await runToEnd(t, [...words, '--data', gateway.dataDir]);
    assert.match(output, /\\u001b\[/);
    assert.ok(!output.includes('\u001b'));
    assert.doesNotMatch(output, /^(?:fake|new line)/m);
  }
  // Of more than the limit the newest come, and that is said, also beside a table that has no place for it.
  const all = [
    'history',
    'probe',
    '--from',
    '0',
    '--to',
    '8640000000000000',
    '--format',
    'csv',
    '--data',
    gateway.dataDir,
  ];
  const cut = await runToEnd(t, [...all, '--limit', '1']);
  assert.match(
    cut.output,
    /These are the newest 1 of more: --limit takes up to 10000, and export writes all/,
  );
  assert.doesNotMatch((await runToEnd(t, all)).output, /of more/);
  const newest = await fetch(
    `${gateway.pageUrl}api/history?device=probe&from=0&to=8640000000000000&format=csv&limit=1`,
  );
  const [, first = ''] = /^<\/([^>]*)>; rel="first"$/.exec(newest.headers.get('link') ?? '') ?? [];
  assert.equal((await newest.text()).trim().split('\r\n').length, 2);
  const oldest = await fetch(`${gateway.pageUrl}${first}`);
  assert.match(oldest.headers.get('link') ?? '', /after=[^&>]+.*rel="next"/);
  const typed = await runToEnd(t, ['history', 'probe', '--from', '10/11/2026', '--data', gateway.dataDir]);
  assert.deepEqual(
    [typed.code, typed.output.startsWith('bad_argument: from: it is a time such as')],
    [1, true],
  );
});
