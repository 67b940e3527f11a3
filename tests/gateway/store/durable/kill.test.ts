import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readLocalSamples } from '../../../../gateway/store/shell/reader.js';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import { storePath } from '../../../../gateway/store/file/store.js';
import { identityOf } from '../../../../shared/sample.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore } from '../open-store.js';

const APPENDER = fileURLToPath(new URL('./appender.js', import.meta.url));
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 20);
const MOST_PER_ROUND = 400;
const all = { device: 'tank-1', fromTs: 0, toTs: Number.MAX_SAFE_INTEGER, limit: 1_000_000 };

/** Kills the appender with SIGKILL after a random number of acknowledgements; all identities it printed. */
async function appendUntilKilled(dataDir: string, boot: string): Promise<string[]> {
  const child = spawn(process.execPath, [APPENDER, dataDir, boot], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const killAfter = 1 + Math.floor(Math.random() * MOST_PER_ROUND);
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line);
    if (printed.length === killAfter) child.kill('SIGKILL');
  }
  const [code, signal] = (await exited) as [number | null, string | null];
  assert.deepEqual([code, signal], [null, 'SIGKILL']);
  return printed;
}

test(`killed ${String(ROUNDS)} times, every acknowledged sample is in the outbox or the history, each once, none invented`, async (t) => {
  const dataDir = await temporaryFolder(t);
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    acknowledged.push(...(await appendUntilKilled(dataDir, `boot-${String(round)}`)));
    const kept = (await readLocalSamples(dataDir, all)).map(identityOf);
    assert.deepEqual(missing(acknowledged, kept), [], `lost in round ${String(round)}`);
  }
  await checkOnce(dataDir);

  const { store } = await openStore(t, { dataDir });
  for (;;) {
    const entries = await store.outbox.peek(500);
    if (entries.length === 0) break;
    await store.history.deliver(entries.map(({ sample }) => sample));
    await store.outbox.settle(
      entries.map(({ position }) => position),
      [],
    );
  }
  const stored = (await store.history.query(all)).map(identityOf);
  assert.equal(new Set(stored).size, stored.length);
  assert.deepEqual(missing(acknowledged, stored), []);
  checkPrefixes(stored);
  t.diagnostic(
    `${String(ROUNDS)} kills, ${String(acknowledged.length)} acknowledged, ${String(stored.length)} stored`,
  );
});

function missing(wanted: readonly string[], there: readonly string[]): string[] {
  const set = new Set(there);
  return wanted.filter((identity) => !set.has(identity));
}

/** Of each boot what was appended first: commits keep the order, so a kill can only cut off the end. */
function checkPrefixes(stored: readonly string[]): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    const prefix = `boot-${String(round)}/tank-1/`;
    const own = new Set(stored.filter((identity) => identity.startsWith(prefix)));
    for (let seq = 0; seq < own.size; seq += 1)
      assert.ok(own.has(`${prefix}${String(seq)}`), `${prefix}${String(seq)}`);
  }
}

/** Neither table holds an identity twice. That one is in both for a moment is what its identity is for. */
async function checkOnce(dataDir: string): Promise<void> {
  const database = (await loadSqlite()).open(storePath(dataDir), { readOnly: true });
  const identities = {
    outbox: 'outbox GROUP BY boot, device, seq',
    history: 'history JOIN series ON series.id = history.series GROUP BY origin, seq',
  };
  for (const [table, from] of Object.entries(identities)) {
    const twice = database.prepare(`SELECT seq FROM ${from} HAVING count(*) > 1`);
    assert.deepEqual(twice.all(), [], table);
  }
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
  database.close();
}
