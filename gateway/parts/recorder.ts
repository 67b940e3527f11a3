// Who writes telemetry down, and what its times are worth.
import { OwnTelemetry } from '../../bridge/recording/own-telemetry.js';
import { Recorder, type RecorderOptions } from '../../bridge/recording/recorder.js';
import { TimeKeeper, type TimeKeeperOptions } from '../../bridge/recording/time-keeper.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Log } from '../../shared/ports.js';
import { judgeOf } from '../process/clock-sync.js';
import type { StoreWorker } from '../store/durable/worker.js';

export interface RecordingOptions
  extends
    Omit<TimeKeeperOptions, 'corrector' | 'isSynchronised' | 'isWrong' | 'onReleased'>,
    Omit<RecorderOptions, 'outbox' | 'time' | 'own' | 'log' | 'clock'> {
  readonly config: Pick<GatewayConfig, 'gateway'>;
  readonly store: StoreWorker;
  /** For what clients can cause by the thousand. */
  readonly sparing: Log;
}

export interface Recording {
  readonly time: TimeKeeper;
  readonly recorder: Recorder;
  /** Takes what the gateway itself reads. */
  readonly telemetry: OwnTelemetry;
}

export function buildRecorder(options: RecordingOptions): Recording {
  const { store, clock, sparing, config, boot } = options;
  const onReleased = options.onAccepted;
  const time = new TimeKeeper({ ...options, ...judgeOf(clock), corrector: store, onReleased });
  const recorder = new Recorder({
    ...options,
    log: sparing,
    outbox: store.outbox,
    own: { gateway: config.gateway, boot },
    time,
  });
  return { time, recorder, telemetry: new OwnTelemetry({ ...options, recorder }) };
}
