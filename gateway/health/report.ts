// What the health topics and /metrics tell, whole, and the payload of /healthz: numbers from every part, none of them able to fail the others.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { DeliveryState } from '../../bridge/recording/delivery.js';
import type { DeviceHealth } from '../../bridge/polling/poller.js';
import type { Broker } from '../broker/broker.js';
import type { Shortage } from '../store/file/disk-room.js';
import { asGatewayError } from '../../shared/errors.js';
import type { Clock, Component } from '../../shared/ports.js';

const NS_PER_MS = 1e6;
const SHORT_OF: Readonly<Record<Shortage, string>> = {
  disk: 'the disk of the data folder is full',
  size: 'the local store has the size it may have',
};
/** The histogram holds whole timer intervals: its own resolution is no delay. */
const RESOLUTION_MS = 10;
const MB = 1024 * 1024;

export type Numbers = () => unknown;
/** All of it, however many devices there are: `ts` in epoch ms, and every part's numbers by its name. */
export type Report = Readonly<Record<string, unknown>>;

/** Asks every part for its numbers; a part that can't give them gives its error. */
export class HealthReport implements Component {
  readonly name = 'health';
  readonly #parts: ReadonlyMap<string, Numbers>;
  readonly #clock: Clock;
  #latest: Report | undefined;
  readonly #loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor(parts: ReadonlyMap<string, Numbers>, clock: Clock) {
    this.#parts = parts;
    this.#clock = clock;
  }

  start(): Promise<void> {
    this.#loop.enable();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#loop.disable();
    return Promise.resolve();
  }

  /**
   * What `numbers` told last. For whoever looks at his own times: some numbers are of the time since the report before,
   * which a second reader would take from the first.
   */
  get latest(): Report | undefined {
    return this.#latest;
  }

  async numbers(): Promise<Report> {
    const ts = this.#clock.now();
    const parts = [...this.#parts].map(async ([name, ask]) => [name, await answer(ask)] as const);
    const told = Object.fromEntries(await Promise.all(parts));
    this.#latest = { ts, ...told, memory: memory(), eventLoopDelayMs: this.#delay() };
    return this.#latest;
  }

  /** Since the last report. */
  #delay(): Readonly<Record<'p50' | 'p99' | 'max', number>> {
    const ms = (ns: number): number => Math.max(0, Math.round(ns / NS_PER_MS - RESOLUTION_MS));
    const { max } = this.#loop;
    const delay = { p50: ms(this.#loop.percentile(50)), p99: ms(this.#loop.percentile(99)), max: ms(max) };
    this.#loop.reset();
    return delay;
  }
}

async function answer(ask: Numbers): Promise<unknown> {
  try {
    return await ask();
  } catch (thrown) {
    return { error: asGatewayError(thrown).toBody() };
  }
}

function memory(): Readonly<Record<'rssMb' | 'heapUsedMb', number>> {
  const { rss, heapUsed } = process.memoryUsage();
  return { rssMb: Math.round(rss / MB), heapUsedMb: Math.round(heapUsed / MB) };
}

/** Why what comes is not kept, in sentences: the disk of the outbox by the newest report, and the broker's own state. */
export function whyUnkept(report: Report | undefined, broker: Pick<Broker, 'ailment'>): string[] {
  const outbox = report?.['outbox'] as { readonly disk?: { readonly shortage?: Shortage } } | undefined;
  const shortage = outbox?.disk?.shortage;
  const full = shortage === undefined ? [] : [`New readings are refused: ${SHORT_OF[shortage]}.`];
  return [...full, ...(broker.ailment === undefined ? [] : [broker.ailment])];
}

/**
 * What /healthz says: not well where readings are no longer kept, or a whole bus is down; an absent device is told, and
 * no reason for an alarm of the gateway's.
 */
export function verdict(
  devices: Readonly<Record<string, DeviceHealth>>,
  delivery: DeliveryState,
  downBuses: readonly string[],
): { readonly ok: boolean; readonly reasons: readonly string[] } {
  const isKept = delivery.state === 'ok' || delivery.state === 'unknown';
  const store = isKept
    ? []
    : [`The store is ${delivery.state}: ${delivery.error?.message ?? 'no reason given'}`];
  const away = Object.entries(devices)
    .filter(([, { availability }]) => availability.state === 'offline')
    .map(([id, { availability }]) => `The device ${id} is offline: ${availability.reason ?? 'never heard'}.`);
  return { ok: isKept && downBuses.length === 0, reasons: [...store, ...downBuses, ...away] };
}
