// A gateway's times on a real file: keeper, recorder and the store's own tables, over a clock that the test moves.
import { Outlet } from '../../../bridge/messages/outlet.js';
import { Recorder } from '../../../bridge/recording/recorder.js';
import { TimeKeeper } from '../../../bridge/recording/time-keeper.js';
import { openStoreFile } from '../../../gateway/store/file/store.js';
import { ClockCorrections } from '../../../gateway/store/history/clock-correction.js';
import { HistoryTable } from '../../../gateway/store/history/table.js';
import { openAhead } from '../../../gateway/store/file/open-ahead.js';
import { OutboxRows } from '../../../gateway/store/outbox/outbox.js';
import { rowOfIncoming, sampleOfRow, sampleOfStored } from '../../../gateway/store/rows/sample.js';
import type { SqliteEngine } from '../../../gateway/store/sqlite/engine.js';
import type { StoreFile } from '../../../gateway/store/sqlite/opened-file.js';
import { GatewayError } from '../../../shared/errors.js';
import type { Message, MessageBus } from '../../../shared/ports.js';
import type { Outbox } from '../../../shared/stores.js';
import { SiteTopics } from '../../../shared/site-topics.js';
import type { ClockMark, RecordedSample } from '../../../shared/sample.js';
import { Topics } from '../../../shared/topics.js';
import { settled, type FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

const TOPICS = new Topics('iot', 'greenhouse');
const DEVICE = 'tank-1';
const ALL = { device: DEVICE, fromTs: -1e15, toTs: 8e15, limit: 10_000 };
const LIMITS = { outboxRows: 10_000, deadLetters: 10_000, maxBytes: 1e9 };

/** The time of the sample whose value is `n`. */
export interface Found {
  readonly n: number;
  readonly ts: number;
  readonly clock?: ClockMark;
}

/** One run of the process, from its start to its end. */
export class Run {
  readonly #file: StoreFile;
  readonly #outbox: OutboxRows;
  readonly #history: HistoryTable;
  readonly #corrections: ClockCorrections;
  readonly #time: TimeKeeper;
  readonly #recorder: Recorder;
  readonly #outlet: Outlet;
  readonly #boot: string;
  readonly #clock: FakeClock;
  #record: (message: Message) => Promise<void> = () => Promise.resolve();
  #seq = 0;
  /** As the events told it. */
  corrected = 0;
  /** The store refuses to move anything. */
  correctionsFail = false;

  constructor(
    engine: SqliteEngine,
    path: string,
    clock: FakeClock,
    boot: string,
    isSynchronised: () => boolean,
  ) {
    this.#file = openStoreFile(engine, path);
    // Nothing here pulls a plug.
    this.#file.database.exec('PRAGMA synchronous = OFF');
    this.#clock = clock;
    this.#boot = boot;
    this.#outbox = new OutboxRows(
      this.#file,
      openAhead(`${path}.ahead`, new Date()).ahead,
      LIMITS,
      () => false,
    );
    this.#history = new HistoryTable(this.#file.database);
    this.#corrections = new ClockCorrections(this.#file);
    const common = { clock, log: new RecordingLog(), topics: TOPICS, messages: this.#bus() };
    this.#outlet = new Outlet(common.messages, common.log);
    const corrector = {
      correctClock: (correction: Parameters<ClockCorrections['run']>[0]) => {
        if (this.correctionsFail) return Promise.reject(new GatewayError('store_full', 'The disk is full.'));
        const moved = this.#within(() => {
          this.#outbox.fold();
          return this.#corrections.run(correction);
        });
        this.#history.forget();
        return Promise.resolve(moved);
      },
    };
    this.#time = new TimeKeeper({ ...common, outlet: this.#outlet, boot, corrector, isSynchronised });
    this.#recorder = new Recorder({
      ...{ ...common, time: this.#time, onAccepted: () => undefined },
      ...{ site: new SiteTopics('iot', ['greenhouse']), own: { gateway: 'greenhouse', boot } },
      outbox: this.#appends(),
    });
  }

  async start(): Promise<void> {
    await this.#recorder.start();
    await this.#time.start();
  }

  /** Every event of before is counted. */
  async said(): Promise<void> {
    await settled();
    await this.#outlet.drained();
  }

  async stop(): Promise<void> {
    await this.#time.stop();
    this.#file.database.close();
  }

  /** As the poller does it: a reading of then, published and kept now. */
  async keepReading(n: number, readTs: number): Promise<void> {
    const stamp = this.#time.stamp(readTs);
    this.#seq += 1;
    const sample = { ...stamp, boot: this.#boot, seq: this.#seq, values: { n } };
    await this.#recorder.keep([{ device: DEVICE, sample }]);
  }

  async publish(payload: object): Promise<void> {
    const message = { topic: TOPICS.telemetry(DEVICE), qos: 1, retain: false } as const;
    await this.#record({
      ...message,
      payload: Buffer.from(JSON.stringify(payload)),
      sender: { client: 'esp' },
    });
  }

  takeOver(limit: number): void {
    this.#within(() => {
      const rows = this.#outbox.peek(limit);
      this.#history.deliver(rows);
      this.#outbox.takeOut(rows, []);
    });
  }

  /** The oldest that waits is refused by its store for good. */
  refuseOldest(): void {
    this.#within(() => {
      const [oldest] = this.#outbox.peek(1);
      if (oldest !== undefined) this.#outbox.settle([], [{ position: oldest.position, reason: 'no' }]);
    });
  }

  /** Everything in the file, in the order of `n`. */
  all(): readonly Found[] {
    const dead = this.#file.database.prepare('SELECT ts, clock, body FROM dead_letters').all();
    const letters = dead.map((row) => {
      const { values } = JSON.parse(String(row['body'])) as Pick<RecordedSample, 'values'>;
      const clock = row['clock'] === null ? {} : { clock: row['clock'] as ClockMark };
      return { n: Number(values['n']), ts: Number(row['ts']), ...clock };
    });
    const samples = [
      ...[...this.#outbox.queryAhead(ALL), ...this.#outbox.query(ALL)].map(sampleOfRow),
      ...this.#history.query(ALL).map(sampleOfStored),
    ].map(({ values, ts, clock }) => ({
      n: Number(values['n']),
      ts,
      ...(clock === undefined ? {} : { clock }),
    }));
    return [...letters, ...samples].sort((a, b) => a.n - b.n);
  }

  get now(): number {
    return this.#clock.now();
  }

  #within<T>(work: () => T): T {
    this.#file.database.exec('BEGIN');
    const made = work();
    this.#outbox.alongside.write();
    this.#file.database.exec('COMMIT');
    this.#outbox.alongside.committed();
    return made;
  }

  #appends(): Outbox {
    const not = (): never => {
      throw new Error('not asked for here');
    };
    return {
      append: (samples, { lazily = false } = {}) => {
        this.#within(() => {
          this.#outbox.append(samples.map(rowOfIncoming), this.now, lazily);
        });
        return Promise.resolve();
      },
      ...{ bury: not, peek: not, settle: not, query: not, stats: not },
    };
  }

  /** What a broker would do with it is no matter here. */
  #bus(): MessageBus {
    return {
      publish: ({ topic, payload }) => {
        const { type, corrected = 0 } = JSON.parse(Buffer.from(payload).toString()) as Record<
          string,
          unknown
        >;
        if (topic === TOPICS.event && type === 'clock.jumped') this.corrected += Number(corrected);
        return Promise.resolve();
      },
      subscribe: () => Promise.resolve(() => Promise.resolve()),
      subscribeBeforeAck: (_filter, handler) => {
        this.#record = handler;
        return Promise.resolve(() => Promise.resolve());
      },
    };
  }
}
