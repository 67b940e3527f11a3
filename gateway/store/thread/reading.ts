// The reader's thread: answers questions over a connection of its own, which WAL lets read while the store's thread
// commits. However long a question takes, no append waits for it.
import { parentPort, workerData } from 'node:worker_threads';
import { asGatewayError } from '../../../shared/errors.js';
import { HistoryQueries } from '../history/queries.js';
import { loadSqlite } from '../sqlite/load.js';
import { OutboxQueries } from '../outbox/queries.js';
import { sqliteCode } from '../sqlite/engine.js';
import { openStoreFileToRead } from '../file/store.js';
import type { ReadAnswer, ReadOp, ReadRequest, ReaderThreadData } from './reader.js';
import type { StoreArgs, StoreResult } from './protocol.js';

if (parentPort === null) throw new Error('reader-thread.js runs as a worker thread only');
const port = parentPort;

const { path } = workerData as ReaderThreadData;
const file = openStoreFileToRead(await loadSqlite(), path);
const history = new HistoryQueries(file.database);
const outbox = new OutboxQueries(file);

const handlers: { readonly [Op in ReadOp]: (args: StoreArgs<Op>) => StoreResult<Op> } = {
  queryHistory: (query) => history.samples(query),
  queryOutbox: (query) => outbox.samples(query),
  points: (query) => history.points(query),
  known: ({ device, samples }) => history.known(device, samples),
};

function answered<Op extends ReadOp>({ id, op, args }: ReadRequest<Op>): ReadAnswer {
  try {
    return { id, result: handlers[op](args) };
  } catch (thrown) {
    const { code, message } = asGatewayError(thrown, 'store_failed');
    return { id, failure: { code, message }, damaged: sqliteCode(thrown) === 'corrupt' };
  }
}

port.on('message', (request: ReadRequest) => {
  port.postMessage(answered(request));
});
