// A pause ends by the gateway's clock, whatever the visitor's says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Site } from '../../../../../gateway/web/page/live/site.js';
import { Watchers } from '../../../../../gateway/web/page/live/watchers.js';
import { conditionOf } from '../../../../../gateway/web/page/pieces/condition.js';
import { encodeJson } from '../../../../../shared/messages.js';
import { Topics } from '../../../../../shared/topics.js';

const TOPICS = new Topics('iot', 'greenhouse');
const HOUR_MS = 3_600_000;

test('a device is paused as long as its gateway says, by the clock of that gateway', () => {
  const site = new Site(
    'iot',
    new Watchers((flush) => {
      flush();
    }),
  );
  site.connection('live');
  // An hour behind.
  const ts = Date.now() - HOUR_MS;
  site.receive(TOPICS.health, encodeJson({ ts }), false);
  const until = (ms: number): string | undefined => {
    const said = { state: 'online', pausedUntil: ts + ms };
    site.receive(TOPICS.availability('tank'), encodeJson(said), true);
    const device = site.devices.get('greenhouse/tank');
    return device && conditionOf(device, site, Date.now());
  };
  assert.deepEqual([until(HOUR_MS / 2), until(-HOUR_MS / 2)], ['paused', 'online']);
});
