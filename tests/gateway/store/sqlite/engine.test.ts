import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import { SQLITE_ENGINES } from '../../../../gateway/store/sqlite/engine.js';
import { sqliteContract } from '../../../contracts/sqlite-contract.js';

for (const name of SQLITE_ENGINES) await sqliteContract(name);

test('without any engine the error says what to install, and why each was refused', async () => {
  await assert.rejects(loadSqlite([]), (thrown: unknown) => {
    assert.ok(thrown instanceof Error && 'code' in thrown);
    assert.equal(thrown.code, 'sqlite_missing');
    assert.ok(thrown.cause instanceof AggregateError);
    return true;
  });
});

test('one of the engines is there on every supported Node', async () => {
  const { name } = await loadSqlite();
  assert.ok(SQLITE_ENGINES.includes(name));
});
