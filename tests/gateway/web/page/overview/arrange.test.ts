import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../../../../gateway/web/page/live/model.js';
import { EVERYTHING, grouped, kindsOf, sift } from '../../../../../gateway/web/page/overview/arrange.js';

function device(id: string, type: string, state: Device['availability']['state'], label = id): Device {
  return {
    ...{ key: `greenhouse/${id}`, gateway: 'greenhouse', id, isOld: false, faults: [], trends: new Map() },
    meta: {
      label,
      type,
      bus: 'main',
      fields: new Map([['t', { id: 't', label: 'Water level' }]]),
      commands: new Map(),
    },
    ...{ alarms: new Map(), availability: { state }, state: { values: new Map(), errors: new Map() } },
  };
}

const DEVICES = [
  device('tank-2', 'tank', 'offline', 'Nutrients'),
  device('lamp-1', 'lamp', 'online', 'Growing lamp'),
  device('tank-1', 'tank', 'online', 'Rain water'),
];
const stateOf = (one: Device): Device['availability']['state'] => one.availability.state;
const found = (sieve: Partial<typeof EVERYTHING>): string[] =>
  sift(DEVICES, { ...EVERYTHING, ...sieve }, stateOf).map(({ id }) => id);

test('devices are found by any of their words, and by state, type and bus', () => {
  assert.deepEqual(found({}), ['lamp-1', 'tank-1', 'tank-2']);
  assert.deepEqual(found({ search: 'RAIN tank' }), ['tank-1']);
  assert.deepEqual(found({ search: 'level', type: 'tank' }), ['tank-1', 'tank-2']);
  assert.deepEqual(found({ state: 'offline' }), ['tank-2']);
  assert.deepEqual(found({ bus: 'other' }), []);
});

test('they are grouped by what they are of, in order', () => {
  const groups = grouped(sift(DEVICES, EVERYTHING, stateOf), 'type', stateOf, String);
  assert.deepEqual(
    groups.map(({ name, devices }) => [name, devices.map(({ id }) => id)]),
    [
      ['lamp', ['lamp-1']],
      ['tank', ['tank-1', 'tank-2']],
    ],
  );
  assert.deepEqual(kindsOf(DEVICES, 'type'), ['lamp', 'tank']);
});
