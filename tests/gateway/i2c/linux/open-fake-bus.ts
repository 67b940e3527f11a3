// A Linux bus over the fake driver, closed at the end of the test; with a journal of what reached the wire.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { LinuxBus } from '../../../../gateway/i2c/linux/bus.js';
import { type LinuxBusWorld, openLinuxBus } from '../../../../gateway/i2c/linux/open.js';
import type { GatewayError } from '../../../../shared/errors.js';
import type { I2cTransaction } from '../../../../shared/ports.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { fakeDriver } from './fake-driver.js';

export interface FakeBusUnderTest {
  readonly bus: LinuxBus;
  readonly log: RecordingLog;
  readonly failures: GatewayError[];
  readonly hangs: I2cTransaction[];
  /** The lines of the journal so far. */
  readonly journal: () => Promise<string[]>;
  /** Lets the target that hangs go. */
  readonly release: () => Promise<void>;
}

export const BUS = { id: 'main', path: '/dev/i2c-1', bitsPerSecond: 100_000 };

export async function openFakeBus(
  t: TestContext,
  settings: Readonly<Record<string, string | number>> = {},
  world: Partial<LinuxBusWorld> = {},
): Promise<FakeBusUnderTest> {
  const folder = await temporaryFolder(t);
  const fifo = join(folder, 'fifo');
  const journalFile = join(folder, 'journal');
  await promisify(execFile)('mkfifo', [fifo]);
  const log = new RecordingLog();
  const failures: GatewayError[] = [];
  const hangs: I2cTransaction[] = [];
  const bus = await openLinuxBus(BUS, {
    log,
    onFailure: (error) => failures.push(error),
    onHang: (transaction) => hangs.push(transaction),
    driver: fakeDriver({ journal: journalFile, fifo, ...settings }),
    ...world,
  });
  t.after(() => bus.close());
  const journal = async (): Promise<string[]> => (await readFile(journalFile, 'utf8')).trimEnd().split('\n');
  return { bus, log, failures, hangs, journal, release: () => writeFile(fifo, 'x') };
}

export function calls(journal: readonly string[]): string[] {
  return journal.filter((line) => line.startsWith('begin ')).map((line) => line.slice('begin '.length));
}
