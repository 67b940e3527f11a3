// What is renamed stays for Home Assistant what it was: the same ids, under which the topics and names of now stand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceMessage } from '../../../bridge/home-assistant/device.js';
import type { DiscoveryPayload } from '../../../bridge/home-assistant/payload.js';
import { checkConfig } from '../../../shared/config/check.js';
import { Topics } from '../../../shared/topics.js';

interface Ids {
  readonly device: string;
  readonly field: string;
  readonly command: string;
}

const FIRST: Ids = { device: 'tank-1', field: 'level', command: 'pump' };
const NOW: Ids = { device: 'rain-1', field: 'depth', command: 'fill' };

function configOf(ids: Ids, was: Partial<Ids> = {}, more: object = {}): object {
  const fields = { [ids.field]: { type: 'uint8', was: was.field }, lid: { type: 'bool' } };
  const command = { args: { speed: { type: 'uint8' } }, write: [1, '$speed'], was: was.command };
  return {
    gateway: 'bench',
    buses: { main: { path: '/dev/i2c-1' } },
    types: { tank: { samples: [{ every: '1s', read: 2, fields }], commands: { [ids.command]: command } } },
    devices: { [ids.device]: { type: 'tank', bus: 'main', address: 0x20, was: was.device }, ...more },
  };
}

function told(raw: object, id: string): { readonly topic: string; readonly payload: DiscoveryPayload } {
  const checked = checkConfig(raw);
  assert.ok(checked.ok, JSON.stringify(checked));
  const device = checked.config.devices.get(id);
  assert.ok(device !== undefined);
  return deviceMessage(
    device,
    { gateway: 'bench', version: '1', prefix: 'homeassistant', topics: new Topics('iot', 'bench') },
    [],
  );
}

test('a device, a field and a command that are renamed keep their ids, with the names and topics of now', () => {
  const before = told(configOf(FIRST), 'tank-1');
  const after = told(configOf(NOW, FIRST), 'rain-1');
  assert.equal(after.topic, before.topic);
  assert.deepEqual(after.payload.device.identifiers, before.payload.device.identifiers);
  assert.equal(after.payload.device.name, 'rain-1');
  const identities = ({ payload }: typeof before): unknown =>
    Object.entries(payload.components).map(([key, one]) =>
      'unique_id' in one ? [key, one.unique_id, one.default_entity_id] : [key],
    );
  assert.deepEqual(identities(after), identities(before));
  const { components } = after.payload;
  const text = JSON.stringify(after.payload);
  assert.doesNotMatch(text, /iot\/bench\/[^"]*tank-1/, 'no topic of then');
  assert.match(JSON.stringify(components['number_command_pump']), /device\/rain-1\/command\/fill/);
  assert.match(JSON.stringify(components['sensor_reply_pump']), /device\/rain-1\/reply\/fill/);
  assert.match(JSON.stringify(components['sensor_field_level']), /"name":"Depth".*get\('depth'\)/);
});

test('an id that was is one thing’s alone: check refuses what would be two things to Home Assistant', () => {
  const other = { type: 'tank', bus: 'main', address: 0x21 };
  const problemsOf = (raw: object): string[] => {
    const checked = checkConfig(raw);
    return checked.ok ? [] : checked.problems.map(({ path }) => path.join('.'));
  };
  assert.deepEqual(problemsOf(configOf(NOW, FIRST, { 'tank-1': other })), ['devices.rain-1.was']);
  const twice = { 'rain-2': { ...other, was: 'tank-1' } };
  assert.deepEqual(problemsOf(configOf(NOW, FIRST, twice)), ['devices.rain-2.was']);
  assert.deepEqual(problemsOf(configOf(FIRST, FIRST)), [
    'types.tank.samples.0.fields.level.was',
    'types.tank.commands.pump.was',
    'devices.tank-1.was',
  ]);
  assert.deepEqual(problemsOf(configOf(NOW, { field: 'lid' })), ['types.tank.samples.0.fields.depth.was']);
});
