// The configuration's file is changed while the gateway runs: what changed starts and stops, and all else does not notice.
import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { parse, stringify } from 'yaml';
import type { EventMessage } from '../../shared/messages.js';
import { exampleFile, runProgram, type ExampleConfig, type Run } from '../support/gateway-process.js';
import { connectClient, type TestClient } from '../support/mqtt/client.js';
import { retainedBelow } from '../support/mqtt/retained-topics.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until, untilAsync } from '../support/waiting.js';

const ROOT = 'iot/greenhouse';
const ofHome = (device: string): string => `homeassistant/device/greenhouse/${device}/config`;

/** One process, its file, and all that it says. */
class Story {
  readonly file: string;
  readonly run: Run;
  readonly page: string;
  readonly mqttUrl: string;
  readonly #client: TestClient;

  constructor(facts: Pick<Story, 'file' | 'run' | 'page' | 'mqttUrl'>, client: TestClient) {
    this.file = facts.file;
    this.run = facts.run;
    this.page = facts.page;
    this.mqttUrl = facts.mqttUrl;
    this.#client = client;
  }

  /** As an editor does that never leaves half a file. */
  async edit(change: (config: ExampleConfig) => void): Promise<void> {
    const config = parse(await readFile(this.file, 'utf8')) as ExampleConfig;
    change(config);
    await writeFile(`${this.file}.swp`, stringify(config));
    await rename(`${this.file}.swp`, this.file);
  }

  async ask(op: string, body: object = {}): Promise<{ readonly status: number; readonly body: unknown }> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.page}api/request/${op}`, {
      ...{ method: 'POST', headers, body: JSON.stringify(body) },
    });
    return { status: answer.status, body: await answer.json() };
  }

  async command(device: string, text: string): Promise<void> {
    await this.#client.publish(`${ROOT}/device/${device}/command/pump`, text, { qos: 1 });
  }

  messages(topic: string): readonly Record<string, unknown>[] {
    const received = this.#client.received.filter(
      (one) => one.topic === `${ROOT}/${topic}` && one.text !== '',
    );
    return received.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
  }

  events(type: string): readonly EventMessage[] {
    const all: readonly unknown[] = this.messages('event');
    return (all as readonly EventMessage[]).filter((event) => event.type === type);
  }

  seqs(device: string): readonly number[] {
    return this.messages(`device/${device}/telemetry`).map(({ seq }) => Number(seq));
  }

  /** So many samples more than there are now. */
  async readsOn(device: string, more = 2): Promise<void> {
    const before = this.seqs(device).length;
    await until(`${device} is read on`, () => this.seqs(device).length >= before + more);
  }

  assertNoGap(...devices: readonly string[]): void {
    for (const device of devices) {
      const seqs = this.seqs(device);
      const first = seqs[0] ?? 0;
      assert.deepEqual(
        [...seqs],
        [...seqs.keys()].map((index) => first + index),
        device,
      );
    }
  }
}

async function begin(t: TestContext): Promise<Story> {
  const dataDir = await temporaryFolder(t);
  const file = await exampleFile(t, (config) => {
    config['home_assistant'] = true;
  });
  const run = runProgram(t, ['start', '--simulate', '--config', file, '--data', dataDir]);
  const address = (name: string): Promise<string> =>
    until(
      `the ${name} address in ${run.output()}`,
      () => new RegExp(`^ +${name} +(\\S+)$`, 'm').exec(run.output())?.[1],
    );
  const [page, mqttUrl] = [await address('page'), await address('MQTT')];
  const client = await connectClient(t, mqttUrl);
  await client.subscribe('iot/#', 1);
  const story = new Story({ file, run, page, mqttUrl }, client);
  for (const id of ['tank-1', 'tank-2', 'climate-1', 'lamp-1']) await story.readsOn(id, 1);
  return story;
}

test('devices come, go and change in a file that is edited, without a new start and without a gap', async (t) => {
  const story = await begin(t);
  await t.test(
    'one comes, one goes, one is read more often; what that has on ends when it was to end',
    async () => comeAndGo(story),
  );
  await t.test('nothing of the one that went is retained, nor told to Home Assistant', async () =>
    leavesNothing(story),
  );
  await t.test('with a mistake in it the old one runs on, and the mistake is told everywhere', async () =>
    mistake(story),
  );
  await t.test('what needs a restart is said, and the rest is taken', async () => restartNeeded(story));
  await t.test('SIGHUP takes it up as well', async () => {
    await story.edit(({ devices }) => {
      delete devices['lamp-2'];
    });
    story.run.child.kill('SIGHUP');
    await until('it is taken up', () =>
      story.events('configuration.taken').some(({ difference }) => difference?.removed?.includes('lamp-2')),
    );
    assert.match(story.run.output(), /SIGHUP: configuration, users, rights and certificates are read again/);
  });
});

async function comeAndGo(story: Story): Promise<void> {
  await story.command('tank-1', '{"id":"p1","args":{"speed":80},"for":"5s"}');
  await until('the pump runs', () => story.messages('device/tank-1/reply/pump').length > 0);
  await story.edit(({ devices }) => {
    devices['lamp-2'] = { type: 'lamp', bus: 'main', address: 0x19 };
    delete devices['tank-2'];
    devices['tank-1'] = { ...devices['tank-1'], every: '500ms' };
  });
  await until('it is taken up', () => story.events('configuration.taken').length > 0);
  const [taken] = story.events('configuration.taken');
  assert.deepEqual(taken?.difference, { added: ['lamp-2'], removed: ['tank-2'], changed: ['tank-1'] });
  await until('the new one is read', () => story.seqs('lamp-2').length > 2);
  await story.readsOn('tank-1', 3);
  story.assertNoGap('tank-1', 'climate-1', 'lamp-1', 'lamp-2');
  assert.equal(new Set(story.messages('status').map(({ boot }) => boot)).size, 1);
  assert.deepEqual(story.events('device.offline'), []);
  await until('the pump ends', () => story.messages('device/tank-1/reply/pump').length > 1);
  const ends = story.messages('device/tank-1/reply/pump').slice(1);
  assert.deepEqual(
    ends.map(({ by, of, status }) => ({ by, of, status })),
    [{ by: 'for', of: 'p1', status: 'done' }],
  );
}

async function leavesNothing(story: Story): Promise<void> {
  const own = [...(await retainedBelow(story.mqttUrl, 'iot')).keys()];
  assert.deepEqual(
    own.filter((topic) => topic.includes('/tank-2/')),
    [],
  );
  assert.ok(own.includes(`${ROOT}/device/lamp-2/meta`));
  await untilAsync('Home Assistant knows the new one', async () =>
    (await retainedBelow(story.mqttUrl, 'homeassistant')).has(ofHome('lamp-2')),
  );
  assert.ok(!(await retainedBelow(story.mqttUrl, 'homeassistant')).has(ofHome('tank-2')));
  const all = ['tank-1', 'climate-1', 'lamp-1', 'lamp-2'];
  assert.deepEqual(story.messages('info').at(-1)?.['devices'], all);
  const answer = (await (await fetch(`${story.page}api/devices`)).json()) as { devices: { id: string }[] };
  assert.deepEqual(
    answer.devices.map(({ id }) => id),
    all,
  );
  await story.command('tank-2', '{"id":"p2","args":{"speed":0}}');
  await until('the one that went refuses', () =>
    story
      .messages('device/tank-2/reply/pump')
      .some(({ error }) => (error as { code: string }).code === 'unknown_device'),
  );
}

async function mistake(story: Story): Promise<void> {
  const sound = await readFile(story.file, 'utf8');
  await writeFile(story.file, sound.replace('address: 25', 'address: 25\n    addres: 26'));
  await until('it is refused', () => story.events('configuration.refused').length > 0);
  const [refused] = story.events('configuration.refused');
  assert.equal(refused?.code, 'config_invalid');
  assert.match(refused.message ?? '', /line \d+: devices\.lamp-2\.addres: .*did you mean address/);
  const asked = await story.ask('reload');
  assert.deepEqual([asked.status, story.events('configuration.refused').length], [422, 1]);
  await story.readsOn('lamp-2');
  story.assertNoGap('lamp-2');
  const onHealth = (): string => JSON.stringify(story.messages('health').at(-1)?.['configuration']);
  await until('the health topic has it', () => onHealth().includes('refused'));
  assert.match(onHealth(), /addres/);
  const { body } = await story.ask('logbook', { last: '10m', name: 'configuration.refused' });
  assert.equal((body as { data: { entries: unknown[] } }).data.entries.length, 1);
  await writeFile(story.file, sound);
  await until('it is well again', () => story.events('configuration.taken').length > 1);
}

async function restartNeeded(story: Story): Promise<void> {
  await story.edit((config) => {
    config.http = { port: 8099 };
    config.devices['lamp-2'] = { ...config.devices['lamp-2'], label: 'New lamp' };
    config.devices['tank-2'] = { type: 'tank', bus: 'main', address: 9 };
  });
  const difference = { added: ['tank-2'], removed: [], changed: ['lamp-2'] };
  const data = { ...difference, needsRestart: ['http.port'], waiting: [] };
  assert.deepEqual((await story.ask('reload')).body, { status: 'ok', data });
  await story.readsOn('tank-2');
  story.assertNoGap('tank-2');
  await until('the new label is told', () =>
    story.messages('device/lamp-2/meta').some(({ label }) => label === 'New lamp'),
  );
}
