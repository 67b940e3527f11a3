// A command is of now: where the gateway's clock is known, it ends when nobody believes in its answer any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandDesk } from '../../../../../gateway/web/page/live/command-desk.js';
import { Site } from '../../../../../gateway/web/page/live/site.js';
import { Watchers } from '../../../../../gateway/web/page/live/watchers.js';
import { encodeJson } from '../../../../../shared/messages.js';
import { Topics } from '../../../../../shared/topics.js';

const TOPICS = new Topics('iot', 'greenhouse');
const HOUR_MS = 3_600_000;

test('a command expires by the clock of the gateway that it is for, or where that is not known not at all', (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 1_795_386_090_000 });
  const site = new Site(
    'iot',
    new Watchers((flush) => {
      flush();
    }),
  );
  const sent: { readonly id: string; readonly expires?: number }[] = [];
  const desk = new CommandDesk(site, (_order, text) => {
    sent.push(JSON.parse(text) as (typeof sent)[number]);
    return Promise.resolve();
  });
  const order = { gateway: 'greenhouse', device: 'tank', name: 'pump', args: {} };
  desk.send(order);
  // Its clock is an hour behind.
  const ts = Date.now() - HOUR_MS;
  site.receive(TOPICS.health, encodeJson({ ts }), false);
  t.mock.timers.tick(20_000);
  assert.equal(desk.passage('greenhouse', 'tank', 'pump')?.state, 'unanswered');
  desk.send(order);
  assert.equal(sent[1]?.id, sent[0]?.id, 'what was not answered is the same again');
  assert.deepEqual(
    sent.map(({ expires }) => expires),
    [undefined, ts + 40_000],
  );
});
