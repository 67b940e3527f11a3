// What /healthz says to whoever watches over the process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdict, whyUnkept } from '../../../gateway/health/report.js';
import type { DeviceHealth } from '../../../bridge/polling/poller.js';
import type { DeliveryState } from '../../../bridge/recording/delivery.js';
import { GatewayError } from '../../../shared/errors.js';

const ABSENT: DeviceHealth = {
  ...{ polls: 1, missed: 0, probes: 1, failures: 1, faults: {}, unchanged: 0 },
  availability: { state: 'offline', since: 1, reason: 'no_ack' },
};
const WELL: DeliveryState = { state: 'ok', since: 0, delivered: 0, poisoned: 0 };

test('an absent device is told and no alarm; a bus that is down is one, by its name; so is a store that takes nothing', () => {
  assert.deepEqual(verdict({}, WELL, []), { ok: true, reasons: [] });
  assert.deepEqual(verdict({ 'tank-1': ABSENT }, WELL, []), {
    ok: true,
    reasons: ['The device tank-1 is offline: no_ack.'],
  });
  const down = 'The bus main is down: the clock is held low.';
  assert.deepEqual(verdict({}, WELL, [down]), { ok: false, reasons: [down] });
  const error = new GatewayError('store_unreachable', 'MongoDB is away.').toBody();
  const { ok, reasons } = verdict({}, { ...WELL, state: 'unreachable', error }, []);
  assert.deepEqual([ok, reasons], [false, ['The store is unreachable: MongoDB is away.']]);
});

test('a full outbox and a journal that cannot be written are named, each in a sentence', () => {
  assert.deepEqual(whyUnkept(undefined, { ailment: undefined }), []);
  assert.deepEqual(whyUnkept({ outbox: { error: {} } }, { ailment: undefined }), []);
  assert.deepEqual(
    whyUnkept({ outbox: { disk: { shortage: 'disk' } } }, { ailment: 'The journal is away.' }),
    ['New readings are refused: the disk of the data folder is full.', 'The journal is away.'],
  );
});
