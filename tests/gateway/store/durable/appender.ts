// A process of its own that appends as fast as it can, moves some on to the history, and prints each identity once it
// was acknowledged; to be killed at any moment.
import { StoreWorker } from '../../../../gateway/store/durable/worker.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { Delivery } from '../../../../bridge/recording/delivery.js';
import { identityOf } from '../../../../shared/sample.js';
import { RecordingLog } from '../../../support/recording-log.js';

const [, , dataDir = '', boot = ''] = process.argv;
const clock = new SystemClock();
const log = new RecordingLog();
const onFailure = (error: Error): void => {
  throw error;
};
const store = new StoreWorker({ dataDir, clock, log, onFailure });
await store.start();
const delivery = new Delivery({ outbox: store.outbox, store: store.history, clock, log, batchSamples: 20 });
await delivery.start();

const CLIENTS = 4;
let seq = 0;
async function client(): Promise<never> {
  for (;;) {
    const identity = { boot, seq };
    seq += 1;
    const sample = { ts: clock.now(), gateway: 'g', device: 'tank-1', values: { n: identity.seq } };
    // A kill takes neither kind.
    await store.outbox.append([{ ...sample, identity }], { lazily: identity.seq % 2 === 0 });
    // What the parent reads was acknowledged; a few that were may not have left this process when it is killed.
    process.stdout.write(`${identityOf({ ...identity, device: 'tank-1' })}\n`);
    delivery.wake();
  }
}
await Promise.all(Array.from({ length: CLIENTS }, client));
