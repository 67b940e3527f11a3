import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDevice } from '../../../bridge/polling/meta.js';
import { deviceOf } from '../../support/bus/sample-yaml.js';

test('a front end is told what kind of value each field has, and its names', () => {
  const device = deviceOf(
    'read: 9, fields: { level: { type: uint8, max: 9 }, on: { type: bool }, id: { type: hex, length: 3 }, mode: { type: uint8, names: { 0: idle, 1: busy } } }',
  );
  assert.deepEqual(describeDevice(device).fields, {
    level: { type: 'number', max: 9, recordedEveryMs: 1000 },
    on: { type: 'boolean', recordedEveryMs: 1000 },
    id: { type: 'string', recordedEveryMs: 1000 },
    mode: { type: 'string', names: ['idle', 'busy'], recordedEveryMs: 1000 },
  });
});

test('and how far its readings lie apart: as its sample is read, or where it is recorded when it changes as that is', () => {
  const changing = deviceOf(
    'every: 5s, publish: on_change, longest_silence: 2m, read: 1, fields: { level: { type: uint8 } }',
  );
  assert.equal(describeDevice(changing).fields['level']?.recordedEveryMs, 120_000);
});
