// The two brokers of docs/brokers.md that are quick to have, in the ordinary suite: what they keep they go on keeping.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { brokerNamed, without } from './brokers.js';
import { measure } from './measure.js';
import type { PromiseId } from './row.js';

/** Some two minutes a broker. */
const BY_HAND =
  process.env['BROKER_PROMISES'] === undefined
    ? 'by hand, with BROKER_PROMISES=1 (two minutes a broker)'
    : false;
const AWAY_MS = 5000;
/** Fewer than either has to keep. */
const QUEUE = 900;
const EVERYWHERE = [
  ...(['will', 'offline', 'retained', 'oneAnswer', 'queue'] as const),
  ...(['gatewayKilled', 'gatewayAway'] as const),
];

/** Mosquitto writes every 10 s what it keeps; NATS, of MQTT 3.1.1, does not tell that a live command is retained. */
const KEPT: Readonly<Record<string, readonly PromiseId[]>> = {
  mosquitto: [...EVERYWHERE, 'retainedCommand'],
  nats: [...EVERYWHERE, 'brokerKilled', 'recorderAlone'],
};

// Side by side: most of it is waiting.
suite('the promises at the brokers of others', { concurrency: true }, () => {
  for (const [id, promises] of Object.entries(KEPT)) {
    const kind = brokerNamed(id);
    test(`${kind.name} keeps what docs/brokers.md says`, { skip: BY_HAND || without(kind) }, async (t) => {
      const cells = await measure(t, kind, { awayMs: AWAY_MS, queue: QUEUE });
      const broken = promises.filter((promise) => !cells[promise].kept);
      assert.deepEqual(
        broken.map((promise) => `${promise}: ${cells[promise].text}`),
        [],
      );
    });
  }
});
