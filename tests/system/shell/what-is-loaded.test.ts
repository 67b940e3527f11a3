// A start takes a small machine seconds, most of them for loading: what is not used is not loaded.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** At its end the program writes down which CommonJS files it had loaded, imported or required. */
async function listed(
  t: TestContext,
): Promise<{ env: Record<string, string>; packages: () => Promise<string[]> }> {
  const folder = await temporaryFolder(t);
  const [hook, list] = [join(folder, 'hook.cjs'), join(folder, 'loaded')];
  const write = `require('node:fs').writeFileSync(${JSON.stringify(list)}, Object.keys(require.cache).join('\\n'))`;
  await writeFile(hook, `process.on('exit', () => ${write});`);
  return {
    env: { NODE_OPTIONS: `--require ${hook}` },
    packages: async () => {
      const paths = (await readFile(list, 'utf8')).split('\n');
      return [...new Set(paths.flatMap((path) => /.*\/node_modules\/([^/]+)\//.exec(path)?.[1] ?? []))];
    },
  };
}

function noneOf(unwanted: readonly string[], loaded: readonly string[]): void {
  assert.deepEqual(
    unwanted.filter((name) => loaded.includes(name)),
    [],
  );
}

test('check loads what reads a configuration, and no part of a gateway', async (t) => {
  const { env, packages } = await listed(t);
  assert.equal((await runToEnd(t, ['check'], env)).code, 0);
  const loaded = await packages();
  assert.ok(loaded.includes('yaml'), loaded.join(' '));
  noneOf(['avr8js', 'mqtt-packet', 'pino', 'ws', 'better-sqlite3', 'mongodb', 'i2c-bus'], loaded);
});

test('a gateway without terminal, MongoDB, outside broker and wires loads nothing for them', async (t) => {
  const { env, packages } = await listed(t);
  const gateway = await startGateway(t, { env });
  assert.equal(await gateway.end('SIGTERM'), 0);
  const loaded = await packages();
  assert.ok(loaded.includes('avr8js') && loaded.includes('pino'), loaded.join(' '));
  noneOf(['pino-pretty', 'mongodb', 'mqtt', 'i2c-bus'], loaded);
});
