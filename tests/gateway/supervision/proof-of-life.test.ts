// Who has to answer before the watchdog is fed: each of them, and no broker of somebody else's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proveLife, type Living } from '../../../gateway/supervision/proof-of-life.js';

const gone = (): Promise<never> => Promise.reject(new Error('gone'));
const well: Living = {
  store: { outbox: { stats: () => Promise.resolve() } },
  broker: { bus: { publish: () => Promise.resolve() } },
  buses: new Map([['main', { proveLife: () => undefined }]]),
};

test('store, embedded broker and every bus have to answer', async () => {
  await proveLife(well, true);
  const stuck = (): never => {
    throw new Error('stuck');
  };
  const dead: readonly Living[] = [
    { ...well, store: { outbox: { stats: gone } } },
    { ...well, broker: { bus: { publish: gone } } },
    { ...well, buses: new Map([...well.buses, ['other', { proveLife: stuck }]]) },
  ];
  for (const each of dead) await assert.rejects(proveLife(each, true));
});

test('an outside broker is not asked', () =>
  proveLife({ ...well, broker: { bus: { publish: gone } } }, false));
