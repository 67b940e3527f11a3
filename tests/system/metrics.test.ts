// Whoever watches the gateway: /metrics has the numbers of the health topic, and needs the rights of the API.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { metricsOf } from '../../gateway/metrics/from-health.js';
import { expose } from '../../gateway/metrics/exposition.js';
import { makeHash } from '../../gateway/broker/rights/password-hash.js';
import { linesOf } from '../../gateway/broker/rights/roles.js';
import { Topics } from '../../shared/topics.js';
import { parseExposition } from '../gateway/metrics/strict-parser.js';
import { startGateway } from '../support/gateway-process.js';
import { connectClient, type TestClient } from '../support/mqtt/client.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/waiting.js';

const TOPICS = new Topics('iot', 'greenhouse');

function basic(user: string, password = 'secret'): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

type Report = Record<string, Record<string, unknown>> & { ts: number };

interface BusReport {
  readonly ts: number;
  readonly utilisation: number;
  readonly budget: { readonly measured: number };
}

/** One a bus, a device or a part: the health topic has their totals, topics of their own have each. */
const OF_MANY = /^i2c_mqtt_gateway_(?:bus|device|part|alarm)_/;

/** Of `main`, of the report of that time; and that what tank-1 takes of it is told. */
async function ofOneBusAndDevice(watcher: TestClient, reportTs: number): Promise<BusReport> {
  const bus = await until('the bus in the same report', () =>
    watcher.received
      .filter(({ topic }) => topic === TOPICS.busHealth('main'))
      .map(({ text }) => JSON.parse(text) as BusReport)
      .find(({ ts }) => ts === reportTs),
  );
  const device = JSON.parse((await watcher.message(TOPICS.deviceHealth('tank-1'))).text) as {
    bus: string;
    traffic: { share: number };
  };
  const { utilisation, budget } = bus;
  assert.ok(utilisation >= 0 && utilisation <= 1 && budget.measured > 0 && budget.measured < 1);
  assert.ok(device.bus === 'main' && device.traffic.share > 0);
  return bus;
}

test('/metrics is for who may read the health topic, and every value is that topic’s', async (t) => {
  const folder = await temporaryFolder(t);
  const [passwordFile, aclFile] = [join(folder, 'passwords'), join(folder, 'acl')];
  const hash = await makeHash(Buffer.from('secret'));
  await writeFile(passwordFile, `vera:${hash}\nrita:${hash}\n`);
  await writeFile(
    aclFile,
    [...linesOf('viewer', 'vera', TOPICS), ...linesOf('recorder', 'rita', TOPICS)].join('\n'),
  );
  const gateway = await startGateway(t, {
    change: (config) => {
      config['users'] = { password_file: passwordFile, acl_file: aclFile };
    },
  });
  const url = `${gateway.pageUrl}metrics`;
  assert.equal((await fetch(url)).status, 401);
  assert.equal((await fetch(url, { headers: basic('vera', 'guess') })).status, 401);
  await assert.rejects(connectClient(t, gateway.mqttUrl, { username: 'vera', password: 'guess' }));
  assert.equal((await fetch(url, { headers: basic('rita') })).status, 403);
  assert.equal((await fetch(url, { method: 'POST', headers: basic('vera') })).status, 405);

  const watcher = await connectClient(t, gateway.mqttUrl, { username: 'vera', password: 'secret' });
  await watcher.subscribe(TOPICS.health);
  await watcher.subscribe(TOPICS.busHealth('main'));
  await watcher.subscribe(TOPICS.deviceHealth('tank-1'));
  const report = await until(
    'both failed logins on the health topic',
    () => {
      const { text = '{}' } = watcher.received.findLast(({ topic }) => topic === TOPICS.health) ?? {};
      const latest = JSON.parse(text) as Report;
      return latest['logins']?.['failed'] === 2 && latest;
    },
    30_000,
  );
  const { addresses } = report['logins'] as { addresses: Record<string, { failures: number }> };
  assert.deepEqual(
    Object.entries(addresses).map(([address, { failures }]) => [address, failures]),
    [['127.0.0.1', 2]],
  );
  // How full the bus is, and what the device takes of it, as measured, on topics of their own.
  const bus = await ofOneBusAndDevice(watcher, report.ts);
  const answer = await fetch(url, { headers: basic('vera') });
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const parsed = parseExposition(await answer.text());
  const version = [...(parsed.get('i2c_mqtt_gateway_build_info')?.samples.keys() ?? [])][0] ?? '';
  const [, own = ''] = /version="([^"]+)"/.exec(version) ?? [];
  const told = parseExposition(expose(metricsOf(report, own)));
  for (const [name, family] of told) if (!OF_MANY.test(name)) assert.deepEqual(parsed.get(name), family);
  // By hand, past the table that both came from.
  const value = (name: string, labels = ''): number | undefined =>
    parsed.get(`i2c_mqtt_gateway_${name}`)?.samples.get(labels);
  assert.equal(value('broker_received_bytes_total'), report['broker']?.['bytesIn']);
  assert.equal(value('broker_clients'), report['broker']?.['clients']);
  assert.equal(value('logins_failed_total'), 2);
  assert.equal(value('logins_failing_addresses'), 1);
  assert.equal(value('outbox_samples'), report['outbox']?.['depth']);
  assert.equal(value('bus_up', 'bus="main"'), 1);
  assert.equal(value('bus_utilisation_ratio', 'bus="main"'), bus.utilisation);
  assert.equal(value('bus_demand_ratio', 'bus="main"'), bus.budget.measured);
  assert.equal(value('part_running', 'part="health"'), 1);
  // In the order of their start: whoever dates samples comes before whoever takes them.
  const parts = [...(parsed.get('i2c_mqtt_gateway_part_running')?.samples.keys() ?? [])];
  const [time, recorder] = [parts.indexOf('part="time"'), parts.indexOf('part="recorder"')];
  assert.ok(time >= 0 && time < recorder, parts.join());
  assert.equal(parsed.get('i2c_mqtt_gateway_device_polls_total')?.samples.size, 4);
  assert.equal(value('device_availability', 'device="tank-1",state="online"'), 1);
  await gateway.end('SIGTERM');
});
