// Who writes telemetry down, and what its times are worth.
import { Recorder, type RecorderOptions } from '../bridge/recorder.js';
import { TimeKeeper, type TimeKeeperOptions } from '../bridge/time-keeper.js';
import type { Log } from '../shared/ports.js';
import { isClockSynchronised } from './clock-sync.js';
import type { StoreWorker } from './store/store-worker.js';

export interface RecordingOptions
  extends
    Omit<TimeKeeperOptions, 'corrector' | 'isSynchronised'>,
    Omit<RecorderOptions, 'outbox' | 'adjust' | 'log' | 'clock'> {
  readonly store: StoreWorker;
  /** For what clients can cause by the thousand. */
  readonly sparing: Log;
}

export interface Recording {
  readonly time: TimeKeeper;
  readonly recorder: Recorder;
}

export function buildRecorder(options: RecordingOptions): Recording {
  const { store, clock, sparing } = options;
  const isSynchronised = (): boolean => isClockSynchronised(clock.now());
  const time = new TimeKeeper({ ...options, corrector: store, isSynchronised });
  const recorder = new Recorder({
    ...options,
    log: sparing,
    outbox: store.outbox,
    adjust: (sample) => time.adjust(sample),
  });
  return { time, recorder };
}
