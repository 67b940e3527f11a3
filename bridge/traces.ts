// The traces of all devices: for `request/trace`, and for the budget of their buses.
import type { Device } from '../shared/device-type.js';
import { GatewayError } from '../shared/errors.js';
import type { Clock, QueuedI2cBus } from '../shared/ports.js';
import { DeviceTrace, TRACE_LENGTH } from './device-trace.js';
import { explainTrace, type ExplainedTransaction } from './explain-trace.js';
import { parseTrace } from './raw-payload.js';
import { TracedBus } from './traced-bus.js';

export interface TraceAnswer {
  /** By device; the transactions oldest first. */
  readonly devices: Readonly<Record<string, readonly ExplainedTransaction[]>>;
}

/** Of all devices together an answer has at most so many: it is one MQTT message. */
const MOST_ANSWERED = 1000;

export class Traces {
  readonly #devices: ReadonlyMap<string, Device>;
  readonly #traces: ReadonlyMap<string, DeviceTrace>;
  readonly #clock: Clock;

  constructor(devices: ReadonlyMap<string, Device>, clock: Clock) {
    this.#devices = devices;
    this.#traces = new Map([...devices.keys()].map((id) => [id, new DeviceTrace()]));
    this.#clock = clock;
  }

  of(device: string): DeviceTrace {
    const trace = this.#traces.get(device);
    if (trace === undefined)
      throw new GatewayError('unknown_device', `There is no device ${device.slice(0, 64)}.`);
    return trace;
  }

  /** The bus as `device` sees it: what goes over it is traced. */
  traced(device: Device, bus: QueuedI2cBus): QueuedI2cBus {
    return new TracedBus(bus, this.of(device.id), this.#clock);
  }

  /** Handles `request/trace`: `{device?, last?}`. Throws bad_payload or unknown_device. */
  answer(data: unknown): TraceAnswer {
    const { device: asked, last } = parseTrace(data);
    if (asked !== undefined) this.of(asked);
    const devices = [...this.#devices.values()].filter(({ id }) => asked === undefined || id === asked);
    const each = Math.min(last, Math.max(1, Math.floor(MOST_ANSWERED / Math.max(1, devices.length))));
    return {
      devices: Object.fromEntries(
        devices.map((device) => [
          device.id,
          // What a read means is told by what was written before it, be it among the last or not.
          explainTrace(this.of(device.id).last(TRACE_LENGTH), device).slice(-each),
        ]),
      ),
    };
  }
}
