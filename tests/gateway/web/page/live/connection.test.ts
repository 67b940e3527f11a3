// What the page sends is sent now or never: a link that went silent does not bring a command back when it is there again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../../../../../gateway/web/page/live/connection.js';
import { Site } from '../../../../../gateway/web/page/live/site.js';
import { Watchers } from '../../../../../gateway/web/page/live/watchers.js';
import { startBroker, TOPICS } from '../../../../support/mqtt/embedded-broker.js';
import { startProxy } from '../../../../support/tcp-proxy.js';
import { until } from '../../../../support/waiting.js';

void test('a command that a silent link swallowed is not sent again by the next connection', async (t) => {
  const { broker, port } = await startBroker(t);
  const proxy = await startProxy(t, port);
  const arrived: string[] = [];
  await broker.bus.subscribe(TOPICS.everyCommand, 1, ({ payload }) => {
    arrived.push(Buffer.from(payload).toString());
  });
  const site = new Site(
    'iot',
    new Watchers((flush) => {
      flush();
    }),
  );
  const connection = new Connection(site, {
    ...{ url: `mqtt://127.0.0.1:${String(proxy.port)}`, gateway: 'greenhouse', onRefused: () => undefined },
  });
  t.after(() => {
    connection.end();
  });
  await until('it is there', () => site.connected === 'live');
  proxy.freeze();
  const never = connection.command('greenhouse', 'tank', 'pump', '{"id":"first"}');
  never.catch(() => undefined);
  proxy.cut();
  await until('it is away', () => site.connected === 'away');
  await until('it is back', () => site.connected === 'live');
  // What would have been sent once more has arrived before it.
  await connection.command('greenhouse', 'tank', 'pump', '{"id":"second"}');
  await until('the second arrives', () => arrived.length > 0);
  assert.deepEqual(arrived, ['{"id":"second"}']);
});
