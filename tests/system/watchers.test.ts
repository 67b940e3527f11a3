// What docs/ gives to watchers asks only for what a running gateway tells: alert rules and dashboard against the real /metrics,
// of a gateway with its own broker and of one at an outside broker, by a real Prometheus; the dashboard by Grafana's schemas.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { sentTelemetry } from '../../bridge/recording/payload.js';
import { parseExposition } from '../gateway/metrics/strict-parser.js';
import { startGateway, type GatewayProcess } from '../support/gateway-process.js';
import { PROMTOOL, startPrometheus, withoutPrometheus } from '../support/prometheus/server.js';
import { read, ROOT } from '../support/repository.js';
import { untilAsync } from '../support/waiting.js';

const RULES = 'docs/prometheus-rules.yml';
const DASHBOARD = 'docs/grafana-dashboard.json';
const PREFIX = 'i2c_mqtt_gateway_';

const GRAFANA = join(ROOT, 'tests/support/grafana/check-dashboard');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string };
}

function rules(): readonly Rule[] {
  const { groups } = parse(read(RULES)) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  return groups.flatMap((group) => group.rules);
}

/** Every `expr` of a panel, and what its variables ask for. */
function queries(): readonly string[] {
  const found = [...read(DASHBOARD).matchAll(/"(?:expr|query)": ("(?:[^"\\]|\\.)*")/g)];
  return found.map(([, text = '""']) => JSON.parse(text) as string).filter((text) => text !== 'prometheus');
}

interface Asked {
  readonly name: string;
  /** Those that are written out: `state="offline"`. */
  readonly labels: readonly (readonly [name: string, value: string])[];
}

/** The metrics of ours that an expression names. */
function metricsIn(expression: string): readonly Asked[] {
  const named = expression.matchAll(new RegExp(`(${PREFIX}[a-z_]+)(?:\\{([^}]*)\\})?`, 'g'));
  return [...named].map(([, name = '', selectors = '']) => ({
    name,
    labels: [...selectors.matchAll(/([a-z]+)(?:=~|=)"([^"]*)"/g)].flatMap(([, label = '', values = '']) =>
      label === 'instance' ? [] : values.split('|').map((value) => [label, value] as const),
    ),
  }));
}

async function exposition({ pageUrl }: GatewayProcess): Promise<string> {
  return (await fetch(`${pageUrl}metrics`)).text();
}

/** Both kinds of gateway, one at the other's broker, with an alarm, and a command behind them that a device failed. */
async function startBoth(t: TestContext): Promise<readonly [GatewayProcess, GatewayProcess]> {
  const own = await startGateway(t, {
    change: ({ devices }) => {
      const warm = { field: 'temperature', above: 5 };
      const dry = { field: 'humidity', below: 5, severity: 'info' };
      devices['climate-1'] = { ...devices['climate-1'], alarms: { warm, dry } };
    },
  });
  const post = (path: string, body: string): Promise<Response> =>
    fetch(`${own.pageUrl}api/${path}`, { method: 'POST', body });
  await post('request/simulate', '{"device":"tank-2","plugged":false}');
  assert.equal((await post('device/tank-2/command/pump', '{"args":{"speed":0}}')).status, 502);
  const outside = await startGateway(t, {
    args: ['--no-broker', '--mqtt', own.mqttUrl],
    change: (config) => {
      config['gateway'] = 'shed';
    },
  });
  return [own, outside];
}

test('rules and dashboard ask for metrics and labels that there are', async (t) => {
  const both = await startBoth(t);
  const texts = (): Promise<string[]> => Promise.all(both.map(exposition));
  await untilAsync('the command in the numbers', async () =>
    (await texts()).some((text) => text.includes('status="failed"')),
  );
  const families = (await texts()).map(parseExposition);
  const expressions = [...rules().map(({ expr }) => expr), ...queries()];
  assert.ok(expressions.length > 25, String(expressions.length));
  const asked = expressions.flatMap(metricsIn);
  assert.ok(asked.length >= expressions.length - 1, 'every expression but that of up names a metric');
  for (const { name, labels } of asked) {
    const samples = families.flatMap((family) => [...(family.get(name)?.samples.keys() ?? [])]);
    assert.ok(samples.length > 0, `nobody tells ${name}`);
    for (const [label, value] of labels)
      assert.ok(
        samples.some((text) => text.includes(`${label}="${value}"`)),
        `${name} has no ${label}="${value}"`,
      );
  }

  const skip = withoutPrometheus;
  await t.test('promtool finds nothing wrong with rules and metrics', { skip }, async () => {
    assert.match(
      execFileSync(PROMTOOL ?? '', ['check', 'rules', join(ROOT, RULES)], { encoding: 'utf8' }),
      /SUCCESS/,
    );
    for (const input of await texts())
      execFileSync(PROMTOOL ?? '', ['check', 'metrics'], { input, encoding: 'utf8' });
  });
  await t.test('a real Prometheus answers every query, and judges every rule', { skip }, () => asks(t, both));
});

/** As Grafana asks it, and until the rules about an absent device and an alarm have seen theirs. */
async function asks(t: TestContext, gateways: readonly GatewayProcess[]): Promise<void> {
  const targets = gateways.map(({ pageUrl }) => new URL(pageUrl).host);
  const ask = await startPrometheus(t, { job: 'i2c-mqtt-gateway', targets, rules: join(ROOT, RULES) });
  const hasAnswer = async (query: string): Promise<boolean> => {
    const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? [];
    if (label !== undefined)
      return ((await ask(`label/${label}/values`, { 'match[]': metric ?? '' })) as unknown[]).length === 2;
    const { result } = (await ask('query', { query: query.replaceAll('$instance', '.*') })) as {
      readonly result: readonly unknown[];
    };
    return result.length > 0;
  };
  await untilAsync('Prometheus', () =>
    hasAnswer('up').catch((error: unknown) => {
      if (error instanceof TypeError) return false;
      throw error;
    }),
  );
  for (const query of queries()) await untilAsync(query, () => hasAnswer(query));
  await untilAsync('the rule about an absent device', () => hasAnswer('ALERTS{alertname="I2cDeviceAway"}'));
  const warm = 'ALERTS{alertname="I2cAlarmRaised",severity="warning",device="climate-1",alarm="warm"}';
  await untilAsync('the rule about an alarm', () => hasAnswer(warm));
  const { groups } = (await ask('rules')) as {
    readonly groups: readonly {
      readonly rules: readonly { readonly name: string; readonly health: string }[];
    }[];
  };
  assert.deepEqual(
    groups.flatMap((group) => group.rules.map(({ name, health }) => [name, health])),
    rules().map(({ alert }) => [alert, 'ok']),
  );
}

test(
  'the dashboard has what Grafana wants of one, and nothing that it does not know',
  { skip: !existsSync(GRAFANA) && 'NO JUDGE OF GRAFANA IS THERE: tests/support/grafana/prepare (Go)' },
  () => {
    const { status, stdout, stderr } = spawnSync(GRAFANA, [join(ROOT, DASHBOARD)], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^\d+ panels$/m);
  },
);

test('each alert has a name of its own and says in a sentence what is wrong', () => {
  const names = rules().map(({ alert }) => alert);
  assert.equal(new Set(names).size, names.length);
  for (const { annotations } of rules()) assert.match(annotations.summary, /\.$/);
});

test('Telegraf is told of every part of a sample, whether it takes it or leaves it out', () => {
  const lists = [...read('docs/telegraf.md').matchAll(/excluded_keys = (\[.*\])/g)];
  const excluded = lists.map(([, list = '[]']) => (JSON.parse(list) as string[]).toSorted());
  const parts = Object.keys(sentTelemetry.shape).toSorted();
  const without = (...taken: string[]): string[] => parts.filter((part) => !taken.includes(part));
  assert.deepEqual(excluded, [without('ts', 'values'), without('ts', 'errors')]);
});
