// The payload of the health topic and of /healthz: numbers from every part, none of them able to fail the others.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { DeliveryState } from '../bridge/delivery.js';
import type { DeviceHealth } from '../bridge/poller.js';
import { asGatewayError } from '../shared/errors.js';
import type { Component } from '../shared/ports.js';

const NS_PER_MS = 1e6;
/** The histogram holds whole timer intervals: its own resolution is no delay. */
const RESOLUTION_MS = 10;
const MB = 1024 * 1024;

export type Numbers = () => unknown;

/** Asks every part for its numbers; a part that can't give them gives its error. */
export class HealthReport implements Component {
  readonly name = 'health';
  readonly #parts: ReadonlyMap<string, Numbers>;
  readonly #loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor(parts: ReadonlyMap<string, Numbers>) {
    this.#parts = parts;
  }

  start(): Promise<void> {
    this.#loop.enable();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#loop.disable();
    return Promise.resolve();
  }

  async numbers(): Promise<Readonly<Record<string, unknown>>> {
    const parts = [...this.#parts].map(async ([name, ask]) => [name, await answer(ask)] as const);
    return {
      ...Object.fromEntries(await Promise.all(parts)),
      memory: memory(),
      eventLoopDelayMs: this.#delay(),
    };
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
