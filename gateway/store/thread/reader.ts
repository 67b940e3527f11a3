// Questions to the local store, asked beside its own thread: a thread that only reads, begun with the first question.
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../../../shared/errors.js';
import type { StoreLink } from './link.js';
import type { StoreArgs, StoreFailure, StoreRequest, StoreResult } from './protocol.js';

export type ReadOp = 'queryHistory' | 'queryOutbox' | 'points' | 'known';
export type ReadRequest<Op extends ReadOp = ReadOp> = StoreRequest<Op>;
export type ReadAnswer =
  | { readonly id: number; readonly result: StoreResult<ReadOp> }
  | { readonly id: number; readonly failure: StoreFailure; readonly damaged: boolean };

export interface ReaderThreadData {
  readonly path: string;
}

/** Questions that may wait: each can take a second. */
const MOST_WAITING = 256;

interface Waiting {
  readonly resolve: (answer: ReadAnswer) => void;
  readonly reject: (error: GatewayError) => void;
}

export class StoreReader {
  readonly #link: Pick<StoreLink, 'call'>;
  readonly #heapMb: number;
  readonly #waiting = new Map<number, Waiting>();
  #path: string | undefined;
  #thread: Worker | undefined;
  #lastId = 0;

  /** `link`: to the store's own thread, which must learn of damage. */
  constructor(link: Pick<StoreLink, 'call'>, heapMb: number) {
    this.#link = link;
    this.#heapMb = heapMb;
  }

  /** From now on questions are answered. */
  open(path: string): void {
    this.#path = path;
  }

  /** Nothing is written by it, so it may end in the middle of a question: that rejects with `closed`. */
  async close(): Promise<void> {
    this.#path = undefined;
    const thread = this.#thread;
    this.#forget(closedError());
    await thread?.terminate();
  }

  queryHistory(query: StoreArgs<'queryHistory'>): Promise<StoreResult<'queryHistory'>> {
    return this.#ask('queryHistory', query);
  }

  queryOutbox(query: StoreArgs<'queryOutbox'>): Promise<StoreResult<'queryOutbox'>> {
    return this.#ask('queryOutbox', query);
  }

  known(args: StoreArgs<'known'>): Promise<StoreResult<'known'>> {
    return this.#ask('known', args);
  }

  points(query: StoreArgs<'points'>): Promise<StoreResult<'points'>> {
    return this.#ask('points', query);
  }

  /** Rejects with too_large, store_failed, queue_full or closed. A question that kills the thread costs only what waits there. */
  async #ask<Op extends ReadOp>(op: Op, args: StoreArgs<Op>): Promise<StoreResult<Op>> {
    const thread = this.#running();
    if (this.#waiting.size >= MOST_WAITING)
      throw new GatewayError('queue_full', 'Too many questions to the history are under way.');
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = await new Promise<ReadAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      thread.postMessage({ id, op, args });
    });
    // An answer carries the number of its request, so its result is of the request's kind.
    if ('result' in answer) return answer.result;
    // The store's own thread sets a damaged file aside, so it must see the damage itself.
    if (answer.damaged) return this.#link.call(op, args);
    throw new GatewayError(answer.failure.code, answer.failure.message);
  }

  #running(): Worker {
    const path = this.#path;
    if (path === undefined) throw closedError();
    if (this.#thread !== undefined) return this.#thread;
    const workerData: ReaderThreadData = { path };
    const thread = new Worker(new URL('./reading.js', import.meta.url), {
      workerData,
      name: 'store-reader',
      resourceLimits: { maxOldGenerationSizeMb: this.#heapMb },
    });
    this.#thread = thread;
    thread.on('message', (answer: ReadAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      waiting?.resolve(answer);
    });
    const ended = (cause?: Error): void => {
      if (this.#thread !== thread) return;
      const why = cause === undefined ? '' : `: ${cause.message}`;
      this.#forget(
        new GatewayError('store_failed', `The thread that reads the store ended${why}.`, { cause }),
      );
    };
    thread.on('error', ended);
    thread.on('exit', () => {
      ended();
    });
    return thread;
  }

  /** The next question begins a new thread. */
  #forget(error: GatewayError): void {
    this.#thread = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}

function closedError(): GatewayError {
  return new GatewayError('closed', 'The store is not running.');
}
