// Measures the table of docs/brokers.md: node dist/tests/brokers/run.js [broker…], all that are there when none is named.
// tests/brokers/prepare brings them. Each takes two to three minutes; the rows of the others stay as they were measured.
import { argv } from 'node:process';
import { after, test } from 'node:test';
import { BROKERS, brokerNamed, without } from './brokers.js';
import { measure } from './measure.js';
import { PROMISES, type PromiseId } from './row.js';
import { saveRow, writeTable } from './table.js';

const AWAY_MS = 20_000;
/** More than the bound of any broker that has one of a thousand or so. */
const QUEUE = 3000;
const wanted = argv.slice(2);

for (const kind of wanted.length === 0 ? BROKERS : wanted.map(brokerNamed)) {
  const version = kind.version() ?? '';
  test(`${kind.name} ${version}`, { skip: without(kind) }, async (t) => {
    const cells = await measure(t, kind, { awayMs: AWAY_MS, queue: QUEUE });
    for (const [id, { kept, text }] of Object.entries(cells)) {
      t.diagnostic(`${kept ? '✓' : '✗'} ${PROMISES[id as PromiseId]}: ${text}`);
    }
    const date = new Date().toISOString().slice(0, 10);
    await saveRow({ id: kind.id, name: kind.name, version, date, cells });
  });
}

after(async () => writeTable(BROKERS));
