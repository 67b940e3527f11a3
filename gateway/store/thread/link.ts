// The client's end of the store's thread: starts it, matches answers to requests, and tells everybody when it dies.
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../../../shared/errors.js';
import { withRuns } from './append-run.js';
import {
  CLOSE,
  HURRY,
  type FromStoreThread,
  type RunAnswer,
  type StoreArgs,
  type StoreFailure,
  type StoreIdentity,
  type StoreOp,
  type StoreRequest,
  type StoreResult,
  type StoreThreadData,
} from './protocol.js';

export interface LinkLimits {
  /** Requests that may wait for their commit. */
  readonly waitingCalls: number;
  /** Characters of samples that may wait for their commit. */
  readonly waitingChars: number;
  /** Heap of the thread; beyond it Node ends the thread and nothing else. */
  readonly threadHeapMb: number;
}

interface Waiting {
  readonly chars: number;
  readonly resolve: (result: StoreResult<StoreOp>) => void;
  readonly reject: (error: GatewayError) => void;
}

export class StoreLink {
  readonly #limits: LinkLimits;
  readonly #onFailure: (error: GatewayError) => void;
  readonly #waiting = new Map<number, Waiting>();
  /** Alive, be it opening, open or closing. */
  #thread: Worker | undefined;
  #waitingChars = 0;
  #outgoing: StoreRequest[] = [];
  #lastId = 0;
  /** Why calls are refused; undefined while the file is open. */
  #refusal: GatewayError | undefined = new GatewayError('closed', 'The store has not started.');

  /** `onFailure` is called once if the thread ends by itself after it was ready. */
  constructor(limits: LinkLimits, onFailure: (error: GatewayError) => void) {
    this.#limits = limits;
    this.#onFailure = onFailure;
  }

  /** Resolves when the file is open. Rejects with data_unwritable, sqlite_missing or store_failed. */
  async open(workerData: StoreThreadData): Promise<StoreIdentity> {
    const worker = new Worker(new URL('./thread.js', import.meta.url), {
      workerData,
      name: 'store',
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.threadHeapMb },
    });
    this.#thread = worker;
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromStoreThread) => {
        if ('ready' in message) {
          this.#refusal = undefined;
          resolve(message.ready);
        } else if ('openFailed' in message) {
          reject(errorOf(message.openFailed));
        } else {
          for (const answer of message.answers) {
            if ('firstId' in answer) this.#answerRun(answer);
            else this.#answer(answer.id, 'failure' in answer ? errorOf(answer.failure) : answer.result);
          }
        }
      });
      const died = (text: string, cause?: Error): void => {
        const error = new GatewayError('store_failed', `The thread of the store ended: ${text}.`, { cause });
        // Settled already, unless the thread died before it could say anything.
        reject(error);
        this.#died(error);
      };
      worker.on('error', (thrown) => {
        died(thrown.message, thrown);
      });
      worker.on('exit', (code) => {
        this.#thread = undefined;
        died(`exit code ${String(code)}`);
      });
    });
  }

  /** `chars` is the size of what is sent, for the limit. Rejects with what the thread threw, store_full or closed. */
  call<Op extends StoreOp>(op: Op, args: StoreArgs<Op>, chars = 0): Promise<StoreResult<Op>> {
    // What is thrown in here rejects. Not `async`, which would make two promises of one, a thousand times a second.
    return new Promise<StoreResult<StoreOp>>((resolve, reject) => {
      if (this.#refusal !== undefined) throw this.#refusal;
      this.#checkLimits(chars);
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { chars, resolve, reject });
      this.#waitingChars += chars;
      this.#send({ id: this.#lastId, op, args });
      // An answer carries the number of its request, so its result is of the request's kind.
    });
  }

  /** Commits what was asked so far, closes the file and ends the thread; later calls reject with `closed`. */
  async close(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    this.#refusal = closedError();
    const ended = new Promise((resolve) => thread.once('exit', resolve));
    this.#flush();
    thread.postMessage(CLOSE);
    await ended;
  }

  /** What waits for its spacing is committed, and nothing waits for one any more. */
  hurry(): void {
    this.#flush();
    this.#thread?.postMessage(HURRY);
  }

  /** Ends the thread at once; what waits is rejected. What was committed stays committed. */
  async kill(): Promise<void> {
    await this.#thread?.terminate();
  }

  /** With all others of this turn, in one message: answers come together, so what they set off is asked together. */
  #send(request: StoreRequest): void {
    this.#outgoing.push(request);
    if (this.#outgoing.length > 1) return;
    setImmediate(() => {
      this.#flush();
    });
  }

  #flush(): void {
    const requests = this.#outgoing;
    this.#outgoing = [];
    if (requests.length > 0) this.#thread?.postMessage(withRuns(requests));
  }

  #checkLimits(chars: number): void {
    const { waitingCalls, waitingChars } = this.#limits;
    if (this.#waiting.size < waitingCalls && this.#waitingChars + chars <= waitingChars) return;
    throw new GatewayError('store_full', 'The disk does not keep up: too much waits to be committed.');
  }

  #answer(id: number, outcome: StoreResult<StoreOp> | GatewayError): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    this.#waitingChars -= waiting.chars;
    if (outcome instanceof GatewayError) waiting.reject(outcome);
    else waiting.resolve(outcome);
  }

  #answerRun({ firstId, results }: RunAnswer): void {
    for (const [index, result] of results.entries())
      this.#answer(firstId + index, typeof result === 'number' ? result : errorOf(result));
  }

  /** Comes once or, with `error` and then `exit`, twice; the second time there is nobody left to tell. */
  #died(error: GatewayError): void {
    const unexpected = this.#refusal === undefined;
    this.#refusal ??= error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#outgoing = [];
    this.#waitingChars = 0;
    for (const { reject } of waiting) reject(error);
    if (unexpected) this.#onFailure(error);
  }
}

function closedError(): GatewayError {
  return new GatewayError('closed', 'The store is stopped.');
}

function errorOf({ code, message, cause }: StoreFailure): GatewayError {
  return new GatewayError(code, message, cause === undefined ? {} : { cause: new Error(cause) });
}
