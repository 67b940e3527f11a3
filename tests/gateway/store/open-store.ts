// A real store in a folder of the test's own, stopped at the test's end.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { StoreWorker, type StoreWorkerOptions } from '../../../gateway/store/durable/worker.js';
import { GatewayError, type ErrorCode } from '../../../shared/errors.js';
import type { IncomingSample } from '../../../shared/sample.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

export interface OpenedStore {
  readonly store: StoreWorker;
  readonly dataDir: string;
  readonly clock: FakeClock;
  readonly log: RecordingLog;
  readonly failures: readonly GatewayError[];
}

export async function openStore(
  t: TestContext,
  options: Partial<StoreWorkerOptions> = {},
): Promise<OpenedStore> {
  const dataDir = options.dataDir ?? (await temporaryFolder(t));
  const clock = new FakeClock();
  const log = new RecordingLog();
  const failures: GatewayError[] = [];
  const onFailure = (error: GatewayError): void => {
    failures.push(error);
  };
  const store = new StoreWorker({ clock, log, onFailure, ...options, dataDir });
  await store.start();
  t.after(() => store.stop());
  return { store, dataDir, clock, log, failures };
}

/** A sample of device `tank-1` with the sequence number `seq`, taken at `ts` = 1000 + seq. */
export function sampleOf(seq: number, overrides: Partial<IncomingSample> = {}): IncomingSample {
  return {
    ts: 1000 + seq,
    gateway: 'greenhouse',
    device: 'tank-1',
    identity: { boot: 'boot-a', seq },
    values: { temperature: seq / 10, label: `n${String(seq)}` },
    ...overrides,
  };
}

export function samplesOf(count: number, from = 0): IncomingSample[] {
  return Array.from({ length: count }, (_, index) => sampleOf(from + index));
}

/** For assert.rejects: a GatewayError of this code. */
export function rejectedAs(code: ErrorCode): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof GatewayError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    return true;
  };
}
