// The page's one subscription and what it makes of topics are held to every topic that the gateway has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filtersBelow, placeOf } from '../../../../../gateway/web/page/live/topic-levels.js';
import { Topics } from '../../../../../shared/topics.js';

const TOPICS = new Topics('iot', 'attic');

test('every topic is of what it says, and others are passed over', () => {
  const told = {
    [TOPICS.status]: { kind: 'status', gateway: 'attic' },
    [TOPICS.info]: { kind: 'info', gateway: 'attic' },
    [TOPICS.health]: { kind: 'health', gateway: 'attic' },
    [TOPICS.event]: { kind: 'event', gateway: 'attic' },
    [TOPICS.log('warn')]: { kind: 'log', gateway: 'attic', level: 'warn' },
    [TOPICS.busHealth('main')]: { kind: 'bus', gateway: 'attic', bus: 'main' },
    [TOPICS.meta('lamp')]: { kind: 'meta', gateway: 'attic', device: 'lamp' },
    [TOPICS.state('lamp')]: { kind: 'state', gateway: 'attic', device: 'lamp' },
    [TOPICS.availability('lamp')]: { kind: 'availability', gateway: 'attic', device: 'lamp' },
    [TOPICS.deviceHealth('lamp')]: { kind: 'deviceHealth', gateway: 'attic', device: 'lamp' },
    [TOPICS.alarm('lamp', 'hot')]: { kind: 'alarm', gateway: 'attic', device: 'lamp', alarm: 'hot' },
    [TOPICS.reply('lamp', 'dim')]: { kind: 'reply', gateway: 'attic', device: 'lamp', name: 'dim' },
  };
  for (const [topic, place] of Object.entries(told)) assert.deepEqual(placeOf('iot', topic), place);
  const others = [
    ...[TOPICS.telemetry('lamp'), TOPICS.command('lamp', 'dim'), TOPICS.request('scan')],
    ...['other/attic/status', 'iot', 'iot/attic', 'iot/attic/device/lamp', 'iot/attic/device/lamp/meta/x'],
  ];
  assert.deepEqual(
    others.filter((topic) => placeOf('iot', topic) !== undefined),
    [],
  );
});

test('each filter is one that the page understands the topics of', () => {
  const filled = filtersBelow('iot').map((filter) => filter.replaceAll('+', 'x'));
  assert.deepEqual(
    filled.filter((topic) => placeOf('iot', topic) === undefined),
    [],
  );
});
