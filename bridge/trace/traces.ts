// The traces of all devices: for `request/trace`, and for the budget of their buses.
import type { Known } from '../../shared/codec/conversation.js';
import type { Device } from '../../shared/device-type.js';
import type { Clock, QueuedI2cBus } from '../../shared/ports.js';
import { DeviceTrace, TRACE_LENGTH } from './ring.js';
import { fitting, mostAnswerBytes, type LargestMessage } from '../messages/answer-size.js';
import { explainTrace, type ExplainedTransaction } from './explain.js';
import { parseTrace } from '../requests/raw-payload.js';
import { unknownDevice } from '../requests/unknown-device.js';
import { TracedBus } from './traced-bus.js';

export interface TraceAnswer {
  /** By device; the transactions oldest first. */
  readonly devices: Readonly<Record<string, readonly ExplainedTransaction[]>>;
  /** So many older ones that were asked for did not fit into one answer. */
  readonly leftOut?: number;
}

/** Of all devices together an answer has at most so many: it is one MQTT message. */
const MOST_ANSWERED = 1000;

export class Traces {
  readonly #devices: ReadonlyMap<string, Device>;
  readonly #traces = new Map<string, DeviceTrace>();
  readonly #clock: Clock;
  readonly #known = new Map<string, () => Known>();

  /** `devices` may change while it is used. */
  constructor(devices: ReadonlyMap<string, Device>, clock: Clock) {
    this.#devices = devices;
    this.#clock = clock;
  }

  of(device: string): DeviceTrace {
    if (!this.#devices.has(device)) throw unknownDevice(device, this.#devices.keys());
    const trace = this.#traces.get(device) ?? new DeviceTrace();
    this.#traces.set(device, trace);
    return trace;
  }

  /** `known`: what the device's fields are computed with, at any moment; without it, its parameters. */
  knows(device: string, known: () => Known): void {
    this.#known.set(device, known);
  }

  /** How long a device has had the wire so far; 0 of one that is gone. */
  busyMsOf(device: string): number {
    return this.#traces.get(device)?.traffic().busyMs ?? 0;
  }

  /** Of a device that is gone. */
  forget(device: string): void {
    this.#traces.delete(device);
    this.#known.delete(device);
  }

  /** The bus as `device` sees it: what goes over it is traced. */
  traced(device: Device, bus: QueuedI2cBus): QueuedI2cBus {
    return new TracedBus(bus, this.of(device.id), this.#clock);
  }

  /** Handles `request/trace`: `{device?, last?}`. Throws bad_payload or unknown_device. */
  answer(data: unknown, largestMessage: LargestMessage = () => undefined): TraceAnswer {
    const { device: asked, last } = parseTrace(data);
    if (asked !== undefined) this.of(asked);
    const devices = [...this.#devices.values()].filter(({ id }) => asked === undefined || id === asked);
    const each = Math.min(last, Math.max(1, Math.floor(MOST_ANSWERED / Math.max(1, devices.length))));
    const all = devices.map((device): [string, readonly ExplainedTransaction[]] => [
      device.id,
      // What a read means is told by what was written before it, be it among the last or not.
      explainTrace(
        this.of(device.id).last(TRACE_LENGTH),
        device,
        this.#known.get(device.id)?.() ?? device.type.parameters,
      ).slice(-each),
    ]);
    return newestOf(all, mostAnswerBytes(largestMessage));
  }
}

/** A device of which nothing fits is left out whole. */
function newestOf(
  all: readonly (readonly [string, readonly ExplainedTransaction[]])[],
  mostBytes: number,
): TraceAnswer {
  const inOrder = all
    .flatMap(([id, transactions]) => transactions.map((transaction) => ({ id, transaction })))
    .toSorted((one, other) => one.transaction.ts - other.transaction.ts);
  const kept = fitting(inOrder, 'newest', mostBytes);
  const leftOut = inOrder.length - kept.length;
  if (leftOut === 0) return { devices: Object.fromEntries(all) };
  const chosen = new Set(kept.map(({ transaction }) => transaction));
  const devices = all
    .map(([id, transactions]) => [id, transactions.filter((one) => chosen.has(one))] as const)
    .filter(([, transactions]) => transactions.length > 0);
  return { devices: Object.fromEntries(devices), leftOut };
}
