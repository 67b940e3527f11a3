// A cloned SD card: two gateways of one name at one broker. One works, the other says why it does not.
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StatusMessage } from '../../../shared/messages.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until, untilAsync } from '../../support/waiting.js';
import { lightGateway, ROOT } from '../../support/mqtt/what-looks-alive.js';

async function reasons(pageUrl: string): Promise<string> {
  const answer = await fetch(new URL('/healthz', pageUrl));
  const { reasons: all } = (await answer.json()) as { readonly reasons: readonly string[] };
  return `${String(answer.status)} ${all.join(' ')}`;
}

test(
  'a clone takes over, the first one says so and stays away, and neither records the samples of the other',
  { skip: withoutMosquitto },
  async (t) => {
    const { url } = await startMosquitto(t);
    const client = await connectClient(t, url);
    await client.subscribe(`${ROOT}/#`, 1);
    const texts = (end: string): string[] =>
      client.received.filter(({ topic }) => topic.endsWith(end)).map(({ text }) => text);
    const statuses = (): StatusMessage[] => texts('/status').map((text) => JSON.parse(text) as StatusMessage);
    const [folder, cloned] = [await temporaryFolder(t), join(await temporaryFolder(t), 'data')];
    const before = await startGateway(t, lightGateway(url, folder));
    await until('samples', () => texts('/telemetry').length > 3, 60_000);
    await before.end('SIGTERM');
    await cp(folder, cloned, { recursive: true });

    const first = await startGateway(t, lightGateway(url, folder));
    const firstBoot = await until(
      'the first one',
      () => statuses().findLast(({ state }) => state === 'online')?.boot,
    );
    const clone = await startGateway(t, lightGateway(url, cloned));
    const isOthers = ({ state, boot }: StatusMessage): boolean => state === 'online' && boot !== firstBoot;
    const { boot: cloneBoot, host } = await until('the clone', () => statuses().slice(-3).find(isOthers));
    const sentence = `Another gateway of the same name, boot ${cloneBoot} on ${String(host)}`;
    // Before it is known who has the connection it says that the other was there as well.
    const isSaid = (said: string): boolean =>
      said.startsWith('503 ') && said.includes(sentence) && said.includes('has taken the connection');
    await untilAsync('the sentence', async () => isSaid(await reasons(first.pageUrl)), 60_000);
    await until('the log', () => first.output().includes(sentence));
    // The clone works: what comes now is its own.
    const come = client.received.length;
    await until('samples of the clone', () =>
      client.received
        .slice(come)
        .some(({ topic, text }) => topic.endsWith('/telemetry') && text.includes(cloneBoot)),
    );
    for (const [gateway, others, data] of [
      [first, cloneBoot, folder],
      [clone, firstBoot, cloned],
    ] as const) {
      await gateway.end('SIGTERM');
      const { output } = await runToEnd(t, ['export', 'tank-1', '--data', data]);
      const boots = output
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => (JSON.parse(line) as RecordedSample).boot);
      assert.ok(boots.length > 0 && !boots.includes(others), `${others} in ${[...new Set(boots)].join()}`);
    }
  },
);
