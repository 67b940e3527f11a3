// What is asked for a first configuration, and the file that is made of the answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askWishes, type Around } from '../../../../gateway/cli/init/questions.js';
import { configText } from '../../../../gateway/cli/init/text.js';
import { SOUND, wishesOf, type Wishes } from '../../../../gateway/cli/init/wishes.js';
import { parseConfig } from '../../../../gateway/config/load.js';
import { GatewayError } from '../../../../shared/errors.js';
import { rejectedAs } from '../../store/open-store.js';

const TWO_BUSES: Around = {
  buses: ['/dev/i2c-1', '/dev/i2c-3'],
  scan: (path) =>
    path === '/dev/i2c-1'
      ? Promise.resolve(['0x08', '0x20', '0x48'])
      : Promise.reject(new GatewayError('bus_unavailable', 'No permission.')),
};

/** By what a question begins with; the others are answered by Return. */
async function answered(
  answers: Readonly<Record<string, readonly string[]>>,
  around = TWO_BUSES,
): Promise<{ wishes: Wishes; said: readonly string[] }> {
  const left = new Map(Object.entries(answers).map(([begin, texts]) => [begin, [...texts]]));
  const said: string[] = [];
  const wishes = await askWishes(
    {
      ask: (question, fallback) => {
        const begin = [...left.keys()].find((one) => question.startsWith(one));
        return Promise.resolve((begin === undefined ? undefined : left.get(begin)?.shift()) ?? fallback);
      },
      say: (line) => {
        said.push(line);
      },
    },
    around,
  );
  assert.deepEqual([...left.values()].flat(), [], 'all answers were asked for');
  return { wishes, said };
}

test('with Return alone: the first bus, and whoever answers on it', async () => {
  const { wishes } = await answered({});
  assert.deepEqual(wishes, {
    ...SOUND,
    bus: '/dev/i2c-1',
    addresses: [0x08, 0x20, 0x48],
    mongodbUri: undefined,
    user: undefined,
  });
  const { devices, buses } = parseConfig(configText(wishes, 'x.yaml'), 'x.yaml');
  assert.deepEqual([...devices.keys()], ['device-08', 'device-20', 'device-48']);
  assert.equal(buses.get('main')?.path, '/dev/i2c-1');
  const none = await answered({}, { buses: [], scan: () => Promise.reject(new Error('never')) });
  assert.equal(none.wishes.bus, 'simulated');
});

test('what makes no sense is asked again, and a bus that does not open is no end', async () => {
  const { wishes, said } = await answered({
    'A name': ['My Hut', 'hut'],
    'The bus': ['i2c', '/dev/i2c-3'],
    'Look now': ['perhaps', 'yes'],
    Addresses: ['0x99', '0x20, 33'],
    'Address of a MongoDB': ['localhost', 'mongodb://h/x'],
    'Port of the MQTT': ['99999', '1884'],
    'Shall other': ['yes'],
    'Then it needs': ['a:b', 'anna'],
  });
  assert.deepEqual(
    [
      wishes.gateway,
      wishes.bus,
      wishes.addresses,
      wishes.mongodbUri,
      wishes.mqttPort,
      wishes.host,
      wishes.user,
    ],
    ['hut', '/dev/i2c-3', [0x20, 0x21], 'mongodb://h/x', 1884, '0.0.0.0', 'anna'],
  );
  assert.equal(said.filter((line) => line === 'No permission.').length, 1);
  assert.equal(said.length, 9);
  assert.ok(!configText(wishes, 'x.yaml').includes('mongodb'));
});

test('some of those that answer, or none', async () => {
  assert.deepEqual((await answered({ 'Which of these': ['0x48'] })).wishes.addresses, [0x48]);
  const { wishes } = await answered({ 'Which of these': ['none'] });
  assert.equal(parseConfig(configText(wishes, 'x.yaml'), 'x.yaml').devices.size, 0);
  const without = await answered({ 'Look now': ['no'] });
  assert.deepEqual(without.wishes.addresses, []);
});

test('options give the same, whatever is in them, or are refused', () => {
  for (const gateway of ['garden', '0815', 'true', 'null', '1e3', 'off', 'a-b_c'])
    assert.equal(parseConfig(configText(wishesOf({ gateway }), 'x'), 'x').gateway, gateway);
  const open = parseConfig(configText(wishesOf({ host: '::', user: 'anna', mqttPort: '0' }), 'x'), 'x');
  assert.deepEqual([open.mqtt.host, open.mqtt.port, open.users?.passwordFile], ['::', 0, 'passwords']);
  for (const wrong of [
    { gateway: 'A' },
    { host: '0.0.0.0' },
    { device: ['0x20'] },
    { device: ['0x03'], bus: '/dev/i2c-1' },
    { mqttPort: '-1' },
    { httpPort: '1e3' },
    { mongodb: 'mongodb://h/"x' },
  ])
    assert.throws(() => wishesOf(wrong), rejectedAs('bad_argument'), JSON.stringify(wrong));
});
