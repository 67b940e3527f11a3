// The example roles as files, tried with Mosquitto's own tools: each may do the same with the embedded broker as with
// Mosquitto.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { makeHash } from '../../gateway/broker/rights/password-hash.js';
import { linesOf, ROLES, type Role } from '../../gateway/broker/rights/roles.js';
import { startBroker, TOPICS } from '../support/mqtt/embedded-broker.js';
import { withoutMosquitto } from '../support/mqtt/mosquitto.js';
import { startByConf, type UsersFiles } from '../support/mqtt/mosquitto-conf.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/waiting.js';

const run = promisify(execFile);
const DEVICES_OWN = TOPICS.telemetry('device');
const COMMAND = TOPICS.command('lamp-1', 'dim');
const REQUEST = TOPICS.request('history');
const OTHERS = TOPICS.telemetry('lamp-1');
const META = TOPICS.meta('lamp-1');
const STATE = TOPICS.state('lamp-1');
const SYS = '$SYS/broker/uptime';
const END = TOPICS.telemetry('end');

/** What each may say, of what clients may say at all. */
const MAY_SAY: Readonly<Record<Role, readonly string[]>> = {
  viewer: [],
  operator: [COMMAND, REQUEST],
  recorder: [],
  device: [DEVICES_OWN],
  gateway: [COMMAND, REQUEST, DEVICES_OWN, OTHERS],
  'home-assistant': [COMMAND],
};
/** What each hears, of that and of what the gateway says. */
const HEARS: Readonly<Record<Role, readonly string[]>> = {
  viewer: [COMMAND, REQUEST, DEVICES_OWN, OTHERS, META, STATE],
  operator: [COMMAND, REQUEST, DEVICES_OWN, OTHERS, META, STATE, SYS],
  recorder: [DEVICES_OWN, OTHERS, META],
  device: [],
  gateway: [COMMAND, REQUEST, DEVICES_OWN, OTHERS, META, STATE],
  'home-assistant': [COMMAND, REQUEST, DEVICES_OWN, OTHERS, META, STATE],
};

interface Place {
  readonly port: number;
  /** In the gateway's name. */
  readonly say: (topic: string) => Promise<void>;
}

async function makeFiles(t: TestContext): Promise<UsersFiles> {
  const folder = await temporaryFolder(t);
  const files = { passwordFile: join(folder, 'passwords'), aclFile: join(folder, 'acl') };
  const hash = await makeHash(Buffer.from('secret'));
  await writeFile(files.passwordFile, ROLES.map((role) => `${role}:${hash}\n`).join(''));
  await writeFile(files.aclFile, ROLES.map((role) => linesOf(role, role, TOPICS).join('\n')).join('\n\n'));
  return files;
}

async function publish(port: number, role: Role, topic: string, text: string): Promise<void> {
  const who = ['-p', String(port), '-u', role, '-P', 'secret'];
  await run('mosquitto_pub', [...who, '-q', '1', '-t', topic, '-m', text]);
}

/** `<topic> <text>` of everything that comes. */
async function listen(t: TestContext, port: number, role: Role): Promise<readonly string[]> {
  const who = ['-p', String(port), '-u', role, '-P', 'secret'];
  const child = spawn('stdbuf', [
    '-oL',
    'mosquitto_sub',
    ...who,
    '-d',
    '-v',
    '-q',
    '1',
    '-t',
    '#',
    '-t',
    '$SYS/#',
  ]);
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    lines.splice(0, lines.length, ...said.split('\n'));
  });
  if (child.pid === undefined) await once(child, 'spawn');
  await until(`${role} subscribed`, () => said.includes('Subscribed ('));
  return lines;
}

async function tryRoles(t: TestContext, { port, say }: Place): Promise<void> {
  const heard = new Map<Role, readonly string[]>();
  for (const role of ROLES) heard.set(role, await listen(t, port, role));
  for (const topic of [META, STATE]) await say(topic);
  for (const role of ROLES)
    await Promise.all(
      [COMMAND, REQUEST, DEVICES_OWN, OTHERS].map(async (topic) => publish(port, role, topic, `by ${role}`)),
    );
  await until('an uptime', () => heard.get('operator')?.some((line) => line.startsWith(SYS)), 20_000);
  await publish(port, 'gateway', END, 'end');
  for (const [role, lines] of heard) {
    if (role !== 'device') await until(`${role} has all`, () => lines.includes(`${END} end`));
    const expected = HEARS[role].flatMap((topic) =>
      [META, STATE, SYS].includes(topic)
        ? [topic]
        : ROLES.filter((sender) => MAY_SAY[sender].includes(topic)).map((sender) => `${topic} by ${sender}`),
    );
    const got = lines
      .filter((line) => /^(iot|\$SYS)\//.test(line) && !line.startsWith(END))
      .map((line) => line.replace(/ said$/, '').replace(/^(\$SYS\/broker\/uptime).*/, '$1'))
      .filter((line) => !line.startsWith('$SYS') || line === SYS)
      // What only the embedded broker says to who may not.
      .filter((line) => !/\/(reply|response)\/.*"forbidden"/.test(line));
    assert.deepEqual([...new Set(got)].toSorted(), expected.toSorted(), role);
  }
}

void test(
  'each role may do what its lines say, by the embedded broker',
  { skip: withoutMosquitto },
  async (t) => {
    const { passwordFile, aclFile } = await makeFiles(t);
    const { broker, port } = await startBroker(t, {}, { passwordFile, aclFile, anonymous: false });
    const say = async (topic: string): Promise<void> =>
      broker.bus.publish({ topic, payload: Buffer.from('said'), qos: 1, retain: false });
    await tryRoles(t, {
      port,
      say: async (topic) => {
        await say(topic);
        await say(SYS);
      },
    });
  },
);

void test('each role may do what its lines say, by Mosquitto', { skip: withoutMosquitto }, async (t) => {
  const { port } = await startByConf(t, await makeFiles(t), (text) => `${text}\nsys_interval 1\n`);
  await tryRoles(t, { port, say: async (topic) => publish(port, 'gateway', topic, 'said') });
});
