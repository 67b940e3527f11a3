// The metrics' names and text; that their numbers are the health topic's is held by tests/system/metrics.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expose } from '../../../gateway/metrics/exposition.js';
import { metricsOf } from '../../../gateway/metrics/from-health.js';
import { METRICS, PREFIX } from '../../../gateway/metrics/table.js';
import { parseExposition } from './strict-parser.js';

test('every metric has a name of its own, with its unit, and only counters end with _total', () => {
  const names = METRICS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, type, path } of METRICS) {
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    if (/Ms$|Ts$|^ts$|UptimeS$/.test(path)) assert.match(name, /_seconds(_total)?$/, path);
    if (/bytes|Mb$/i.test(path)) assert.match(name, /_bytes(_total)?$/, path);
  }
});

test('a report gives samples with labels, units and states; what is not there gives none', () => {
  const report = {
    ts: 1_767_000_000_123,
    buses: {
      main: { state: 'down' },
      'b"\\\n': { state: 'up', busyMs: 1234, waiting: { command: 0, poll: 3 } },
    },
    outbox: { error: { code: 'store_failed' } },
    store: { kind: 'local', state: 'refused' },
    broker: { clients: 2, journal: { bytes: 10, fault: { code: 'ENOSPC' } } },
    parts: [{ name: 'MQTT listener', state: 'running', restarts: 1 }],
    memory: { rssMb: 2 },
  };
  const parsed = parseExposition(expose(metricsOf(report, '1.2.3')));
  const samples = (name: string): object =>
    Object.fromEntries(parsed.get(PREFIX + name)?.samples ?? [['missing', 0]]);
  assert.deepEqual(samples('bus_up'), { 'bus="main"': 0, 'bus="b\\"\\\\\\n"': 1 });
  assert.deepEqual(samples('bus_busy_seconds_total'), { 'bus="b\\"\\\\\\n"': 1.234 });
  assert.deepEqual(samples('bus_waiting_transactions'), {
    'bus="b\\"\\\\\\n",priority="command"': 0,
    'bus="b\\"\\\\\\n",priority="poll"': 3,
  });
  assert.deepEqual(samples('store_state'), {
    ...{ 'state="unknown"': 0, 'state="ok"': 0, 'state="unreachable"': 0 },
    ...{ 'state="refused"': 1, 'state="failed"': 0 },
  });
  assert.deepEqual(samples('broker_journal_fault'), { '': 1 });
  assert.deepEqual(samples('part_running'), { 'part="MQTT listener"': 1 });
  assert.deepEqual(samples('memory_resident_bytes'), { '': 2 * 1024 * 1024 });
  assert.deepEqual(samples('health_timestamp_seconds'), { '': 1_767_000_000.123 });
  assert.deepEqual(samples('build_info'), { [`version="1.2.3",node="${process.version}"`]: 1 });
  assert.ok(!parsed.has(`${PREFIX}outbox_samples`));
});
