// What a file has names of, also where its types are chips of the library, or made of another type.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { configNames } from '../../../../gateway/cli/completion/config-names.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

test('the commands and arguments of a chip of the library, and of what is made of it; a broken base takes nothing else', async (t) => {
  const file = join(await temporaryFolder(t), 'chips.yaml');
  await writeFile(
    file,
    `types:
  co2: { use: scd4x, commands: { stop: { write: [0x3F, 0x86] } } }
  outside: { extends: co2 }
  odd: { extends: nowhere, commands: { on: { write: [1] } } }
devices: { air: { type: co2 }, porch: { type: outside }, odd: { type: odd }, none: { type: 7 } }
`,
  );
  const names = async (what: 'commands' | 'arguments', ...of: string[]): Promise<string[]> =>
    (await configNames(file, what, of)).map(({ name }) => name);
  assert.deepEqual(await names('commands', 'air'), ['recalibrate', 'stop']);
  assert.deepEqual(await names('commands', 'porch'), ['recalibrate', 'stop']);
  assert.deepEqual(await names('arguments', 'porch', 'recalibrate'), ['target=']);
  assert.deepEqual(await names('commands', 'odd'), ['on']);
  assert.deepEqual(await names('commands', 'none'), []);
});
