import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDevice } from '../../../bridge/polling/meta.js';
import { deviceOf } from '../../support/bus/sample-yaml.js';

test('a front end is told what kind of value each field has, and its names', () => {
  const device = deviceOf(
    'read: 9, fields: { level: { type: uint8, max: 9 }, on: { type: bool }, id: { type: hex, length: 3 }, mode: { type: uint8, names: { 0: idle, 1: busy } } }',
  );
  assert.deepEqual(describeDevice(device).fields, {
    level: { type: 'number', max: 9 },
    on: { type: 'boolean' },
    id: { type: 'string' },
    mode: { type: 'string', names: ['idle', 'busy'] },
  });
});
