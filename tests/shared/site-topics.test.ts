import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SiteTopics } from '../../shared/site-topics.js';

test('a share of the gateways is asked for by name, all of them by a wildcard', () => {
  const share = new SiteTopics('iot', ['roof', 'barn']);
  assert.deepEqual(share.telemetryFilters, ['iot/roof/device/+/telemetry', 'iot/barn/device/+/telemetry']);
  assert.deepEqual(share.eventFilters, ['iot/roof/event', 'iot/barn/event']);
  const all = new SiteTopics('iot');
  assert.deepEqual(all.telemetryFilters, ['iot/+/device/+/telemetry']);
  assert.deepEqual(all.eventFilters, ['iot/+/event']);
});

test('the topic says whose a message is; of another gateway than those of the share it is nobody’s', () => {
  const share = new SiteTopics('iot', ['roof']);
  const place = { gateway: 'roof', device: 'wind' };
  assert.deepEqual(share.placeOfTelemetry('iot/roof/device/wind/telemetry'), place);
  assert.deepEqual(new SiteTopics('iot').placeOfTelemetry('iot/roof/device/wind/telemetry'), place);
  assert.equal(share.gatewayOfEvent('iot/roof/event'), 'roof');
  for (const topic of ['iot/cellar/device/wind/telemetry', 'else/roof/device/wind/telemetry', 'iot/roof/x'])
    assert.equal(share.placeOfTelemetry(topic), undefined, topic);
  for (const topic of ['iot/cellar/event', 'else/roof/event', 'iot/roof/status'])
    assert.equal(share.gatewayOfEvent(topic), undefined, topic);
});
