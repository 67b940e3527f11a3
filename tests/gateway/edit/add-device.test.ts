// A device is shown and saved by requests: only what was shown, only where that is allowed, and never half.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { AddDevice, type DeviceAddition } from '../../../gateway/edit/add-device.js';
import { checkWritten } from '../../../gateway/config/load.js';
import { FakeClock } from '../../support/fake-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const TEXT = `# ours
gateway: test
buses: { main: { path: /dev/i2c-1 } }
types:
  lamp: { samples: [{ every: 1s, read: 1, fields: { level: { type: uint8 } } }] }
devices:
  lamp-1: { type: lamp, bus: main, address: 0x10 } # left
`;
const ROOF = { device: 'roof-1', bus: 'main', address: '0x76', chip: 'bme280' };

interface World {
  readonly file: string;
  readonly dataDir: string;
  readonly clock: FakeClock;
  readonly reloads: number[];
  readonly ask: (data: object) => Promise<DeviceAddition>;
}

async function world(t: TestContext, { edit = true } = {}): Promise<World> {
  const dataDir = await temporaryFolder(t);
  const file = join(dataDir, 'my.yaml');
  await writeFile(file, TEXT);
  const clock = new FakeClock();
  const reloads: number[] = [];
  const taken = { added: ['roof-1'], removed: [], changed: [], needsRestart: [], waiting: [] };
  const adding = new AddDevice({
    ...{ file, dataDir, clock, buses: new Map() },
    config: { configuration: { watch: true, edit, keep: 2 } },
    check: (text) => checkWritten(text, file),
    reloader: () => ({
      reload: () => {
        reloads.push(1);
        return Promise.resolve(taken);
      },
    }),
  });
  return { file, dataDir, clock, reloads, ask: (data) => adding.answer(data) };
}

test('what was shown is saved, the file before is kept, and it is taken up', async (t) => {
  const { file, dataDir, reloads, ask, clock } = await world(t);
  const shown = await ask(ROOF);
  const added = shown.difference
    .filter(({ kind }) => kind !== 'same')
    .map(({ kind, text }) => `${kind} ${text}`);
  assert.deepEqual(added, [
    'added   bme280: { use: bme280 }',
    'added   roof-1: { type: bme280, bus: main, address: 0x76 }',
  ]);
  assert.equal(await readFile(file, 'utf8'), TEXT);
  const saved = await ask({ ...ROOF, step: 'save', mark: shown.mark });
  assert.deepEqual([saved.saved?.ok, reloads.length], [true, 1]);
  const text = await readFile(file, 'utf8');
  const inserted = added.map((line) => line.replace('added ', ''));
  assert.equal(
    text
      .split('\n')
      .filter((line) => !inserted.includes(line))
      .join('\n'),
    TEXT,
  );
  const [kept = ''] = await readdir(join(dataDir, 'configurations'));
  assert.equal(await readFile(join(dataDir, 'configurations', kept), 'utf8'), TEXT);
  for (const address of ['0x77', '0x40', '0x41']) {
    const next = { ...ROOF, device: `roof-${address}`, address };
    await clock.advance(1000);
    const { mark, difference } = await ask(next);
    assert.equal(difference.filter(({ kind }) => kind === 'added').length, 1);
    await ask({ ...next, step: 'save', mark });
  }
  assert.equal((await readdir(join(dataDir, 'configurations'))).length, 2);
});

test('nothing is saved that was not shown, or that the whole would have a mistake with', async (t) => {
  const { file, reloads, ask } = await world(t);
  const { mark } = await ask(ROOF);
  await writeFile(file, `${TEXT}# meanwhile\n`);
  await assert.rejects(ask({ ...ROOF, step: 'save', mark }), { code: 'bad_payload' });
  await assert.rejects(ask({ ...ROOF, step: 'save' }), { code: 'bad_payload' });
  await assert.rejects(ask({ ...ROOF, address: '0x10' }), { code: 'config_invalid', message: /0x10/ });
  await assert.rejects(ask({ ...ROOF, type: 'lamp' }), { code: 'bad_payload' });
  await assert.rejects(ask({ ...ROOF, device: '../x' }), { code: 'bad_payload' });
  assert.deepEqual([await readFile(file, 'utf8'), reloads.length], [`${TEXT}# meanwhile\n`, 0]);
});

test('where the file cannot be written that is said, with what is to be written by hand', async (t) => {
  const { file, reloads, ask } = await world(t);
  const { mark } = await ask(ROOF);
  await mkdir(`${file}.new`);
  const { saved, entries } = await ask({ ...ROOF, step: 'save', mark });
  assert.ok(saved?.ok === false && saved.why.includes('cannot be written'));
  assert.deepEqual(entries, [
    'types: bme280: { use: bme280 }',
    'devices: roof-1: { type: bme280, bus: main, address: 0x76 }',
  ]);
  assert.deepEqual([await readFile(file, 'utf8'), reloads.length], [TEXT, 0]);
});

test('it is refused unless the configuration allows it', async (t) => {
  const { ask } = await world(t, { edit: false });
  await assert.rejects(ask(ROOF), { code: 'forbidden', message: /configuration\.edit: true/ });
});
