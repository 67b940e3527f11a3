// Moves samples from the outbox to the store: oldest first, one batch at a time, patient while the store is away.
import { asGatewayError, GatewayError, type ErrorBody } from '../../shared/errors.js';
import { DeliveryAttempts } from './attempts.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import type { DeliveryReport, Poisoned, StoreCondition, TakenOver } from '../../shared/stores.js';
import type { RecordedSample } from '../../shared/sample.js';
import { within } from '../../shared/within.js';

/** `unknown` until the first attempt was answered. */
export type DeliveryStatus = 'unknown' | 'ok' | 'unreachable' | 'refused' | 'failed';

export interface DeliveryState {
  readonly state: DeliveryStatus;
  /** Epoch ms since when it is so. */
  readonly since: number;
  /** Of the last attempt that failed, while the state is not ok. */
  readonly error?: ErrorBody;
  /** What that error means, by a name that stays, and what to do; where the store can tell. */
  readonly condition?: StoreCondition;
  /** Samples the store took, and samples it will never take, since the start. */
  readonly delivered: number;
  readonly poisoned: number;
}

/** What waits, oldest first: samples of the outbox, or entries of the logbook. */
export interface WaitingItems<T> {
  /** Without those that are held back by this name. */
  peek(limit: number, held?: string): Promise<readonly WaitingItem<T>[]>;
  settle(delivered: readonly number[], poisoned: readonly Poisoned[]): Promise<void>;
}

export interface WaitingItem<T> {
  readonly position: number;
  readonly sample: T;
  /** Of the last one: more wait that were too large together. */
  readonly cutBehind?: true;
}

/** Where they go: a ReadingStore, or the logbook's collections. */
export interface DeliverySink<T> {
  readonly kind: string;
  deliver(items: readonly T[]): Promise<DeliveryReport>;
  conditionOf?(error: GatewayError): StoreCondition | undefined;
}

export interface DeliveryOptions<T = RecordedSample> {
  /** Default: delivery. */
  readonly name?: string;
  readonly outbox: WaitingItems<T>;
  readonly store: DeliverySink<T>;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the store lies in the outbox's own file: moves the oldest there by itself, and says how many. */
  readonly takeOver?: (limit: number) => Promise<TakenOver>;
  /** What is held back for now: by the run of a clock that is known to be wrong (TimeKeeper). `wake` when that changes. */
  readonly held?: () => string | undefined;
  readonly batchSamples?: number;
  /** How often a sample is tried that the store refuses without a known reason, before it is a dead letter. */
  readonly mostAttempts?: number;
  /** How long to collect after an append before a batch is sent that is not full: fewer, larger commits. */
  readonly gatherMs?: number;
  /** The pause after the first failure; it doubles with each further one up to `maxPauseMs`. */
  readonly firstPauseMs?: number;
  readonly maxPauseMs?: number;
  /** How long a stop goes on delivering what waits, at most. */
  readonly stopDeadlineMs?: number;
}

type Batch = Pick<TakenOver, 'taken' | 'more'>;

const DEFAULTS = {
  name: 'delivery',
  batchSamples: 500,
  // With the pauses between them half a minute.
  mostAttempts: 8,
  gatherMs: 0,
  firstPauseMs: 250,
  maxPauseMs: 30_000,
  held: (): string | undefined => undefined,
  stopDeadlineMs: 1000,
};

type Settings<T> = Required<Omit<DeliveryOptions<T>, 'takeOver'>> & Pick<DeliveryOptions, 'takeOver'>;

export class Delivery<T = RecordedSample> implements Component {
  readonly name: string;
  readonly #settings: Settings<T>;
  #state: DeliveryState;
  #running: Promise<void> | undefined;
  #stopping = false;
  #abandoned = false;
  readonly #attempts: DeliveryAttempts;
  #failures = 0;
  /** Something was appended since the outbox was last looked into. */
  #appended = true;
  #appends = 0;
  #gathering = false;
  /** Waiting for an append, and for nothing else. */
  #idle = false;
  #endWait: () => void = () => undefined;

  constructor(options: DeliveryOptions<T>) {
    this.#settings = { ...DEFAULTS, ...options };
    this.#attempts = new DeliveryAttempts(this.#settings.mostAttempts);
    this.name = this.#settings.name;
    this.#state = { state: 'unknown', since: options.clock.now(), delivered: 0, poisoned: 0 };
  }

  get state(): DeliveryState {
    return this.#state;
  }

  async start(): Promise<void> {
    this.#stopping = false;
    this.#abandoned = false;
    this.#appended = true;
    this.#running = this.#run();
    return Promise.resolve();
  }

  /** To be called after each append. Costs nothing while a batch or a pause is under way. */
  wake(): void {
    this.#appended = true;
    this.#appends += 1;
    const full = this.#gathering && this.#appends >= this.#settings.batchSamples;
    if (this.#idle || full) this.#endWait();
  }

  /** Delivers what waits until the first failure or the deadline; what is left stays in the outbox. */
  async stop(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    const deadlineMs = Math.min(this.#settings.stopDeadlineMs, withinMs / 2);
    this.#stopping = true;
    this.#endWait();
    if (this.#running === undefined) return;
    const outcome = await within(this.#running, deadlineMs, this.#settings.clock);
    this.#abandoned = outcome === 'given_up';
  }

  async #run(): Promise<void> {
    for (;;) {
      const more = await this.#round();
      if (this.#abandoned || (this.#stopping && (!more || this.#failures > 0))) return;
      if (this.#failures > 0) await this.#wait(this.#pauseMs());
      else if (!more) await this.#waitForWork();
    }
  }

  /** One batch. True when more may wait. */
  async #round(): Promise<boolean> {
    const { takeOver, batchSamples } = this.#settings;
    try {
      this.#appended = false;
      this.#appends = 0;
      const { taken, more } = await (takeOver === undefined ? this.#send() : this.#takeOver(takeOver));
      return more || taken === batchSamples;
    } catch (thrown) {
      this.#failed(asGatewayError(thrown, 'store_failed'));
      return true;
    }
  }

  async #takeOver(takeOver: (limit: number) => Promise<TakenOver>): Promise<Batch> {
    const batch = await takeOver(this.#settings.batchSamples);
    const { taken, poisoned } = batch;
    if (poisoned.length > 0)
      this.#settings.log.warn(
        { poisoned },
        'samples are damaged in the file of the store: kept as dead letters',
      );
    this.#count(taken - poisoned.length, poisoned.length);
    this.#succeeded();
    return batch;
  }

  async #send(): Promise<Batch> {
    const { outbox, batchSamples, held } = this.#settings;
    const entries = await outbox.peek(batchSamples, held());
    if (entries.length > 0) await this.#deliver(entries);
    else if (this.#failures > 0) this.#succeeded();
    return { taken: entries.length, more: entries.at(-1)?.cutBehind === true };
  }

  async #deliver(entries: Awaited<ReturnType<WaitingItems<T>['peek']>>): Promise<void> {
    const { outbox, store, log } = this.#settings;
    const report = await store.deliver(entries.map(({ sample }) => sample));
    // Too late: the stop has told everybody that this batch is still in the outbox. It will be sent again.
    if (this.#abandoned) return;
    const { delivered, poisoned, undecided } = this.#attempts.judge(entries, report);
    await outbox.settle(delivered, poisoned);
    if (poisoned.length > 0)
      log.warn({ poisoned }, 'the store will never take these samples: kept as dead letters');
    this.#count(delivered.length, poisoned.length);
    const [first] = undecided;
    if (first !== undefined)
      throw new GatewayError('store_failed', `${String(undecided.length)} samples refused: ${first.reason}`);
    this.#succeeded();
  }

  #count(delivered: number, poisoned: number): void {
    const before = this.#state;
    this.#state = {
      ...before,
      delivered: before.delivered + delivered,
      poisoned: before.poisoned + poisoned,
    };
  }

  #succeeded(): void {
    const { store, clock, log } = this.#settings;
    this.#failures = 0;
    const { state: before, since, delivered, poisoned } = this.#state;
    this.#state = { state: 'ok', since: before === 'ok' ? since : clock.now(), delivered, poisoned };
    if (before !== 'ok') log.info({ store: store.kind, before }, 'the store takes samples');
  }

  #failed(error: GatewayError): void {
    const { store, clock, log } = this.#settings;
    this.#failures += 1;
    // After an abandoned stop the parts below may be gone already, which is not the store's state.
    if (this.#abandoned) return;
    const { state: before, since, delivered, poisoned, condition: last } = this.#state;
    const state = statusOf(error);
    const condition = store.conditionOf?.(error);
    const told = before === state && last?.name === condition?.name;
    this.#state = {
      ...{ state, since: before === state ? since : clock.now(), error: error.toBody(), delivered, poisoned },
      ...(condition === undefined ? {} : { condition }),
    };
    if (told) return;
    const why = condition === undefined ? '' : ` ${condition.sentence}`;
    log.warn(
      { store: store.kind, state, before, ...(condition && { condition: condition.name }), err: error },
      `the store takes no samples: they wait in the outbox.${why}`,
    );
  }

  #pauseMs(): number {
    const { firstPauseMs, maxPauseMs } = this.#settings;
    return Math.min(maxPauseMs, firstPauseMs * 2 ** (this.#failures - 1));
  }

  async #waitForWork(): Promise<void> {
    const { gatherMs } = this.#settings;
    this.#idle = !this.#appended;
    if (this.#idle) await this.#wait(undefined);
    this.#idle = false;
    this.#gathering = this.#appended && gatherMs > 0;
    if (this.#gathering) await this.#wait(gatherMs);
    this.#gathering = false;
  }

  /** Until `endWait` or the time is over; without a time until `endWait`. */
  async #wait(ms: number | undefined): Promise<void> {
    if (this.#stopping) return;
    await new Promise<void>((resolve) => {
      const cancel = ms === undefined ? (): void => undefined : this.#settings.clock.after(ms, resolve);
      this.#endWait = () => {
        cancel();
        resolve();
      };
    });
    this.#endWait = () => undefined;
  }
}

function statusOf({ code }: GatewayError): DeliveryStatus {
  if (code === 'store_unreachable') return 'unreachable';
  return code === 'store_refused' ? 'refused' : 'failed';
}
