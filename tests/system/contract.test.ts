// A program written by the documents: what the running gateway says and answers fits them, to the last key.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { MESSAGES_BY_TOPIC, BARE_VALUE } from '../../gateway/contract/topics.js';
import { TOPIC_TABLE } from '../../shared/topic-table.js';
import { runToEnd, startGateway, type GatewayProcess } from '../support/gateway-process.js';
import { FittingValues, inPointer } from '../gateway/contract/fitting-values.js';
import { connectClient } from '../support/mqtt/client.js';
import { until } from '../support/waiting.js';

const ROOT = 'iot/greenhouse/';
const DIM = 'api/device/lamp-1/command/dim';

interface Asked {
  readonly path: string;
  /** As the document has it, where it is another. */
  readonly described?: string;
  readonly post?: string;
  readonly status: number;
}

const ASKED: readonly Asked[] = [
  { path: 'healthz', status: 200 },
  { path: 'metrics', status: 200 },
  { path: 'api/schema', status: 200 },
  { path: 'api/openapi.json', status: 200 },
  { path: 'api/devices', status: 200 },
  ...['lamp-1 200', 'lamp1 404'].map((each) => {
    const [id = '', status] = each.split(' ');
    return { path: `api/devices/${id}`, described: '/api/devices/{device}', status: Number(status) };
  }),
  ...[
    { post: '{"id":"c1","args":{"level":99}}', status: 200 },
    { post: '{"id":"c1","args":{"level":1}}', status: 409 },
    { post: '{"args":{"level":300}}', status: 422 },
    { post: '{', status: 400 },
    { path: 'api/device/nobody/command/dim', post: '1', status: 404 },
    { path: 'api/device/tank-2/command/pump', post: '{"args":{"speed":80},"for":"2s"}', status: 502 },
  ].map((each) => ({ path: DIM, described: '/api/device/{device}/command/{name}', ...each })),
  { path: 'api/history?device=lamp-1&last=10m', status: 200 },
  { path: 'api/history?device=lamp-1&last=10m&after=&limit=1', status: 200 },
  { path: 'api/history?device=lamp-1&fields=level,light&points=5', status: 200 },
  { path: 'api/history?device=lamp-1&format=csv', status: 200 },
  { path: 'api/history?device=lamp-1&last=soon', status: 400 },
  { path: 'api/logbook?last=1h', status: 200 },
  ...Object.entries({
    history: '{"device":"lamp-1"}',
    logbook: '{}',
    pause: '{"device":"climate-1","for":"10s"}',
    resume: '{"device":"climate-1"}',
    alarms: '{}',
    acknowledge: '{"device":"tank-1","alarm":"level_high"}',
    scan: '{}',
    read: '{"device":"tank-1","write":"10","read":6}',
    write: '{"device":"lamp-1","write":"20 80"}',
    trace: '{"last":50}',
    log_level: '{}',
    reload: '{}',
    add_device: '{"device":"roof-1","bus":"main","address":"0x76","chip":"bme280","step":"try"}',
    device_kinds: '{"address":118}',
    simulate: '{"device":"tank-2","plugged":true}',
  }).flatMap(([op, post]) => [
    { path: `api/request/${op}`, post, status: 200 },
    { path: `api/request/${op}`, post: '{"nonsense":1}', status: 400 },
  ]),
];

/** With a device that is pulled off its bus. */
async function startWorld(t: TestContext): Promise<GatewayProcess> {
  const gateway = await startGateway(t, {
    change: (config) => {
      config.mqtt = { ...config.mqtt, raw_writes: true };
      config['configuration'] = { edit: true };
    },
  });
  return gateway;
}

async function ask({ pageUrl }: GatewayProcess, { path, post }: Asked): Promise<Response> {
  return fetch(`${pageUrl}${path}`, post === undefined ? {} : { method: 'POST', body: post });
}

test('what is said and answered fits the documents that the gateway itself gives', async (t) => {
  const gateway = await startWorld(t);
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe(`${ROOT}#`, 1);
  const has = (topic: string): boolean => client.received.some((message) => message.topic === ROOT + topic);
  await until('all devices to be read', () =>
    ['tank-1', 'tank-2', 'climate-1', 'lamp-1'].every((device) => has(`device/${device}/state`)),
  );
  await (
    await ask(gateway, {
      path: 'api/request/simulate',
      post: '{"device":"tank-2","plugged":false}',
      status: 200,
    })
  ).text();
  await until('the pulled one to be missed', () =>
    client.received.some(
      ({ topic, text }) => topic.endsWith('tank-2/availability') && text.includes('"offline"'),
    ),
  );

  await t.test('over HTTP', async () => {
    const document = (await (await fetch(`${gateway.pageUrl}api/openapi.json`)).json()) as Described;
    const fitting = new FittingValues(document);
    for (const asked of ASKED) {
      const response = await ask(gateway, asked);
      const text = await response.text();
      const told = `${asked.path} ${asked.post ?? ''}: ${text.slice(0, 300)}`;
      assert.equal(response.status, asked.status, told);
      const { pointer, type } = answerIn(document, asked, response);
      const answer: unknown = type === 'application/json' ? JSON.parse(text) : text;
      assert.deepEqual(fitting.faults(pointer, answer), [], told);
    }
    const paths = Object.keys(document.paths);
    assert.deepEqual(
      paths.filter((path) => !ASKED.some((asked) => describedPath(asked) === path)),
      [],
    );
  });

  await t.test('over MQTT', async () => {
    const { output } = await runToEnd(t, ['schema', 'messages']);
    const fitting = new FittingValues(JSON.parse(output) as object);
    await client.publish(`${ROOT}device/porch/telemetry`, '{"values":{"t":21.5}}', { qos: 1 });
    await client.publish(`${ROOT}request/history`, '{"id":"h","device":"lamp-1"}', { qos: 1 });
    await client.publish(`${ROOT}request/pause`, '{"id":7,"device":"lamp-1"}', { qos: 1 });
    await client.publish(`${ROOT}device/lamp-1/command/dim`, '5', { qos: 1 });
    await until('an example of everything', () =>
      TOPIC_TABLE.every(({ topic }) => client.received.some((one) => rowOf(one.topic) === topic)),
    );
    for (const { topic, text } of client.received) {
      const names = MESSAGES_BY_TOPIC[rowOf(topic) ?? ''] ?? [];
      const own = names.filter((name) => name !== BARE_VALUE);
      const faults = own.map((name) => fitting.faults(`#/$defs/${name}`, JSON.parse(text)));
      assert.ok(
        names.length > 0 && (own.length === 0 || faults.some(({ length }) => length === 0)),
        `${topic} ${text}: ${faults.join('; ')}`,
      );
    }
  });
});

interface Described {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly responses: Readonly<Record<string, { readonly content: object }>> }>>
    >
  >;
}

function describedPath({ path, described }: Asked): string {
  return described ?? `/${path.split('?')[0] ?? ''}`;
}

/** Where the schema of this answer is. */
function answerIn(document: Described, asked: Asked, response: Response): { pointer: string; type: string } {
  const path = describedPath(asked);
  const method = asked.post === undefined ? 'get' : 'post';
  const responses = document.paths[path]?.[method]?.responses ?? {};
  const status = String(response.status) in responses ? String(response.status) : 'default';
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const steps = ['paths', path, method, 'responses', status, 'content', type, 'schema'];
  return { pointer: `#/${steps.map(inPointer).join('/')}`, type };
}

function rowOf(topic: string): string | undefined {
  const below = topic.slice(ROOT.length);
  return TOPIC_TABLE.find((row) => new RegExp(`^${row.topic.replaceAll(/<[a-z]+>/g, '[^/]+')}$`).test(below))
    ?.topic;
}
