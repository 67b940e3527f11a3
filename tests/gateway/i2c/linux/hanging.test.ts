import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openLinuxBus } from '../../../../gateway/i2c/linux/open.js';
import { FakeClock, settled } from '../../../support/fake-clock.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';
import { AT, fakeDriver } from './fake-driver.js';
import { BUS, calls, openFakeBus } from './open-fake-bus.js';

const EXITING = fileURLToPath(new URL('./exiting.js', import.meta.url));
const hanging = { address: AT.hanging, readLength: 1 };

test('a transaction that hangs is told and keeps the wire; when it ends, all goes on', async (t) => {
  const clock = new FakeClock();
  const { bus, log, hangs, release } = await openFakeBus(t, {}, { clock });
  const order: string[] = [];
  const first = bus.transfer(hanging).then(() => order.push('hung'));
  const second = bus.transfer({ address: AT.registers, readLength: 1 }).then(() => order.push('next'));
  await clock.advance(1999);
  assert.deepEqual(hangs, []);
  await clock.advance(30_000);
  await settled();
  assert.deepEqual(hangs, [hanging]);
  assert.equal(log.saying('the bus hangs').length, 1);
  assert.deepEqual(order, []);
  await release();
  await Promise.all([first, second]);
  assert.deepEqual(order, ['hung', 'next']);
  assert.equal(log.saying('the bus moves again').length, 1);
  await bus.close();
  assert.equal(clock.waiting, 0);
});

test('an answer arrives while the next transaction hangs, and that one is told', async (t) => {
  const clock = new FakeClock();
  const { bus, hangs, release } = await openFakeBus(t, {}, { clock });
  const first = bus.transfer({ address: AT.registers, readLength: 1 });
  const second = bus.transfer(hanging);
  assert.equal((await first).length, 1);
  await clock.advance(2000);
  await settled();
  assert.deepEqual(hangs, [hanging]);
  await release();
  await second;
});

test('files and DNS of the gateway do not wait for a bus that hangs', async (t) => {
  const { bus, journal, release } = await openFakeBus(t);
  const transfers = Array.from({ length: 6 }, () => bus.transfer(hanging));
  for (;;) if ((await journal()).includes('begin i2cRead 64')) break;
  await Promise.all(Array.from({ length: 50 }, () => stat(EXITING)));
  for (const transfer of transfers) {
    await release();
    await transfer;
  }
});

test('close waits for a transaction that is slow, and gives one up that hangs', async (t) => {
  const clock = new FakeClock();
  const { bus, log, failures } = await openFakeBus(t, {}, { clock });
  const hung = assert.rejects(bus.transfer(hanging), {
    code: 'timeout',
    message: /hung while it was closed/,
  });
  const closing = bus.close();
  await clock.advance(1499);
  assert.equal(log.saying('given up').length, 0);
  await clock.advance(1);
  await closing;
  await hung;
  assert.equal(log.saying('given up').length, 1);
  assert.deepEqual(failures, []);
  assert.equal(clock.waiting, 0);
});

test('a bus that is given up is dead: what waited behind the hang never runs', async (t) => {
  const { bus, journal } = await openFakeBus(t, {}, { limits: { closeWithinMs: 1 } });
  const behind = { address: AT.registers, write: Uint8Array.of(1) };
  const lost = [
    assert.rejects(bus.transfer(hanging), { code: 'timeout', untried: false }),
    assert.rejects(bus.transfer(behind), { code: 'overdue', untried: true }),
  ];
  await bus.close();
  await Promise.all(lost);
  await untilDead((await journal()).join('\n'));
  assert.equal(calls(await journal()).includes('i2cWrite 8'), false);
});

test('a bus that hangs while it is opened is given up, and said', async (t) => {
  const clock = new FakeClock();
  const folder = await temporaryFolder(t);
  const [openHangs, journal] = [join(folder, 'hangs'), join(folder, 'journal')];
  await writeFile(openHangs, '');
  const driver = fakeDriver({ openHangs, journal });
  const world = { log: new RecordingLog(), onFailure: () => undefined, clock, driver };
  const refused = assert.rejects(openLinuxBus(BUS, world), {
    code: 'bus_unavailable',
    message: '/dev/i2c-1 was not open within 20 s: its driver or its process hangs.',
  });
  const said = await until('the opening', () => {
    const text = existsSync(journal) ? readFileSync(journal, 'utf8') : '';
    return text.endsWith('open\n') && text;
  });
  await clock.advance(20_000);
  await refused;
  await untilDead(said);
});

async function stage(t: TestContext): Promise<{ readonly fifo: string; readonly journal: string }> {
  const folder = await temporaryFolder(t);
  const fifo = join(folder, 'fifo');
  await promisify(execFile)('mkfifo', [fifo]);
  return { fifo, journal: join(folder, 'journal') };
}

async function untilDead(journal: string): Promise<void> {
  const pid = Number(/^pid (\d+)$/m.exec(journal)?.[1]);
  await until('the end of the bus process', () => !isAlive(pid));
}

/** A dead process that nobody has waited for (no init in a container) is dead all the same. */
function isAlive(pid: number): boolean {
  const file = `/proc/${String(pid)}/stat`;
  return existsSync(file) && !readFileSync(file, 'utf8').includes(') Z ');
}

for (const how of ['close', 'exit'])
  test(`a bus that hangs neither delays nor survives an exit: ${how}`, { timeout: 20_000 }, async (t) => {
    const { fifo, journal } = await stage(t);
    const program = spawn(process.execPath, [EXITING, fakeDriver({ fifo, journal }), how], {
      stdio: 'inherit',
    });
    t.after(() => program.kill('SIGKILL'));
    assert.deepEqual(await once(program, 'exit'), [3, null]);
    await untilDead(await readFile(journal, 'utf8'));
  });

test('when the gateway is killed its bus process closes the bus and ends', { timeout: 20_000 }, async (t) => {
  const { fifo, journal } = await stage(t);
  const program = spawn(process.execPath, [EXITING, fakeDriver({ fifo, journal }), 'die'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  assert.deepEqual(await once(program, 'exit'), [null, 'SIGKILL']);
  await promisify(execFile)('sh', ['-c', 'echo > "$0"', fifo]);
  await untilDead(await readFile(journal, 'utf8'));
  assert.match(await readFile(journal, 'utf8'), /end\nclose\n$/);
});
