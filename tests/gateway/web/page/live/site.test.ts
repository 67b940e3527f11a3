// What the page knows of gateways stays what they say, over a connection that was away, and stays bounded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Site } from '../../../../../gateway/web/page/live/site.js';
import { Watchers } from '../../../../../gateway/web/page/live/watchers.js';
import { encodeJson } from '../../../../../shared/messages.js';
import { Topics } from '../../../../../shared/topics.js';

const TOPICS = new Topics('iot', 'greenhouse');

interface World {
  readonly site: Site;
  readonly say: (topic: string, payload: object, isRetained?: boolean) => void;
}

function world(): World {
  const site = new Site(
    'iot',
    new Watchers((flush) => {
      flush();
    }),
  );
  site.connection('live');
  const say: World['say'] = (topic, payload, isRetained = true) => {
    site.receive(topic, encodeJson(payload), isRetained);
  };
  return { site, say };
}

function sayAll({ say }: World, devices: readonly string[], listed = devices): void {
  say(TOPICS.busHealth('main'), { state: 'up' });
  for (const device of devices) {
    say(TOPICS.meta(device), { label: device });
    say(TOPICS.availability(device), { state: 'online', since: 1 });
  }
  say(TOPICS.info, { devices: listed, buses: { main: {} } });
}

test('a device and a bus that left while the connection was away are gone when it is back', () => {
  const all = world();
  const { site, say } = all;
  say(TOPICS.busHealth('attic'), { state: 'up' });
  sayAll(all, ['tank', 'lamp']);
  site.connection('away');
  assert.equal(site.devices.size, 2, 'as long as nobody says otherwise');
  site.connection('live');
  sayAll(all, ['lamp']);
  assert.deepEqual([...site.devices.keys()], ['greenhouse/lamp']);
  assert.deepEqual([...(site.gateways.get('greenhouse')?.buses.keys() ?? [])], ['main']);
});

test('a device that says something is there, listed or not', () => {
  const all = world();
  sayAll(all, ['tank', 'new'], ['tank']);
  all.site.connection('away');
  all.site.connection('live');
  sayAll(all, ['tank', 'new'], ['tank']);
  assert.equal(all.site.devices.size, 2);
});

test('an old state that is said once more is old, and names without end are not kept', () => {
  const { site, say } = world();
  say(TOPICS.health, { ts: Date.now() }, false);
  for (let round = 0; round < 300; round += 1) {
    const values = { [`a${String(round)}`]: round };
    say(TOPICS.state('tank'), { ts: Date.now() - 3_600_000, values }, false);
  }
  const tank = site.devices.get('greenhouse/tank');
  assert.equal(tank?.isOld, true);
  assert.equal(tank.trends.size, 200);
  assert.equal(site.gateways.get('greenhouse')?.skewMs, 0);
});
