import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SingleInstanceLock } from '../../../../gateway/store/file/instance-lock.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { rejectedAs } from '../open-store.js';

const HOLDER = fileURLToPath(new URL('./lock-holder.js', import.meta.url));

test('a second gateway on the same data folder is refused in one sentence until the first has stopped', async (t) => {
  const dataDir = await temporaryFolder(t);
  const first = new SingleInstanceLock(dataDir);
  const second = new SingleInstanceLock(dataDir);
  await first.start();
  await assert.rejects(second.start(), rejectedAs('data_in_use'));
  await first.stop();
  await second.start();
  await second.stop();
});

test('a gateway that was killed with SIGKILL leaves no lock behind', async (t) => {
  const dataDir = await temporaryFolder(t);
  const holder = spawn(process.execPath, [HOLDER, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  const lock = new SingleInstanceLock(dataDir);
  await assert.rejects(lock.start(), rejectedAs('data_in_use'));
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await lock.start();
  await lock.stop();
});

test('a lock file that is damaged is made anew', async (t) => {
  const dataDir = await temporaryFolder(t);
  await writeFile(join(dataDir, 'lock.sqlite'), 'no database '.repeat(500));
  const lock = new SingleInstanceLock(dataDir);
  await lock.start();
  await assert.rejects(new SingleInstanceLock(dataDir).start(), rejectedAs('data_in_use'));
  await lock.stop();
});

test('a data folder that cannot be made or written is data_unwritable', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), '');
  await assert.rejects(
    new SingleInstanceLock(join(folder, 'file', 'data')).start(),
    rejectedAs('data_unwritable'),
  );
  // Also root cannot make a file in here, whatever the permissions.
  await assert.rejects(new SingleInstanceLock('/proc/self').start(), rejectedAs('data_unwritable'));
});

test('a lock file of another user, which could not be locked, is data_unwritable', async (t) => {
  const dataDir = await temporaryFolder(t);
  await writeFile(join(dataDir, 'lock.sqlite'), '', { mode: 0o444 });
  // Root may write everything: it becomes somebody else, in the folder of somebody else.
  const nobody = process.getuid?.() === 0 ? 65534 : undefined;
  if (nobody !== undefined) await chown(dataDir, nobody, nobody);
  await chmod(dataDir, 0o755);
  const holder = spawn(process.execPath, [HOLDER, dataDir, String(nobody ?? '')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => holder.kill('SIGKILL'));
  let said = '';
  for (const stream of [holder.stdout, holder.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('held')) holder.kill();
    });
  }
  await once(holder, 'close');
  assert.match(said, /data_unwritable/);
});
