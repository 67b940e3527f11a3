// The payload of the health topic: totals, counts by state and the worst few by name. It has the same size with five devices
// and with five hundred; what is to be known of one device or bus is on its own health topic.
import type { BudgetHealth } from '../../bridge/trace/budget.js';
import type { DeviceHealth } from '../../bridge/polling/poller.js';
import type { Report } from './report.js';
import type { BusHealth } from '../i2c/bus-part.js';
import type { PartHealth } from '../supervision/supervised-part.js';
import { bounded, withinBytes, type Bounds } from './bounded.js';

type ById<T> = Readonly<Record<string, T>>;

const WORST = 5;
/** Objects whose keys are names that clients make up, or addresses: they come with those that have most first. */
const BY_NAME: ReadonlySet<string> = new Set([
  'refusedByDevice',
  'refusedByName',
  'invalidByDevice',
  'addresses',
]);
const NAMES: Bounds = { textBytes: 120, items: 3, keys: 3 };
const PLAIN: Bounds = { textBytes: 160, items: 3, keys: 60 };
/** Of a refusal by name: `count`, `code`, `message`, `ts`. */
const OF_NAME: Bounds = { ...NAMES, keys: 8 };
const STATES = ['unknown', 'online', 'degraded', 'offline'] as const;

export function summaryOf(report: Report): Report {
  const { ts, buses, budget, devices, outputs, alarms, parts, ...others } = report;
  const plain = Object.entries(others).map(([name, value]) => [name, plainly(value)] as const);
  const told = {
    ts,
    ...(buses === undefined ? {} : { buses: ofBuses(buses, budget) }),
    ...(devices === undefined ? {} : { devices: ofDevices(devices) }),
    ...(outputs === undefined ? {} : { outputs: ofOutputs(outputs) }),
    ...(alarms === undefined ? {} : { alarms: ofAlarms(alarms) }),
    ...Object.fromEntries(plain),
    ...(Array.isArray(parts) ? { parts: ofParts(parts as readonly PartHealth[]) } : {}),
  };
  return withinBytes(told, ['ts', 'buses', 'devices']);
}

/** What a part gives that can't give its numbers. */
function failed(value: unknown): boolean {
  const { error } = (value ?? {}) as { readonly error?: { readonly code?: unknown } };
  return typeof error === 'object' && typeof error.code === 'string';
}

/** The numbers of each device or bus; none where they could not be had. */
export function byId<T>(value: unknown): ById<T> {
  return value === undefined || failed(value) ? {} : (value as ById<T>);
}

function plainly(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return bounded(value, PLAIN);
  const few = Object.entries(value).map(([key, item]: [string, unknown]) => [
    key,
    BY_NAME.has(key) ? fewNames(item) : item,
  ]);
  return bounded(Object.fromEntries(few), PLAIN);
}

function fewNames(value: unknown): unknown {
  const all = Object.entries((value ?? {}) as ById<unknown>);
  const kept = all.slice(0, NAMES.keys).map(([name, item]) => [name, bounded(item, OF_NAME)]);
  return { ...Object.fromEntries(kept), ...leftOut(all.length - kept.length) };
}

function leftOut(count: number): { readonly leftOut?: number } {
  return count > 0 ? { leftOut: count } : {};
}

function ofBuses(buses: unknown, budget: unknown): unknown {
  if (failed(buses)) return bounded(buses, PLAIN);
  const budgets = byId<BudgetHealth>(budget);
  const all = Object.entries(byId<BusHealth>(buses)).map(([bus, health]) => {
    const { scheduled = 0, measured = 0, overloadedSince } = budgets[bus] ?? {};
    const utilisation = health.state === 'up' ? health.utilisation : 0;
    return {
      ...{ bus, state: health.state, utilisation, scheduled, measured },
      ...(overloadedSince === undefined ? {} : { overloadedSince }),
    };
  });
  const isDown = (bus: (typeof all)[number]): number => (bus.state === 'up' ? 0 : 1);
  const worst = all
    .toSorted((a, b) => isDown(b) - isDown(a) || b.measured - a.measured || b.utilisation - a.utilisation)
    .slice(0, WORST);
  const up = all.filter(({ state }) => state === 'up').length;
  return {
    ...{ total: all.length, up, down: all.length - up },
    overloaded: all.filter(({ overloadedSince }) => overloadedSince !== undefined).length,
    worst,
    ...leftOut(all.length - worst.length),
  };
}

function ofDevices(devices: unknown): unknown {
  if (failed(devices)) return bounded(devices, PLAIN);
  const all = Object.entries(byId<DeviceHealth>(devices));
  const sum = (count: (health: DeviceHealth) => number): number =>
    all.reduce((total, [, health]) => total + count(health), 0);
  const states = STATES.map((state) => [
    state,
    sum(({ availability }) => (availability.state === state ? 1 : 0)),
  ]);
  const ailing = all.filter(([, health]) => rankOf(health) > 0).toSorted(([, a], [, b]) => worse(b, a));
  const worst = ailing.slice(0, WORST).map(([device, { availability, failures, missed }]) => {
    const { state, reason } = availability;
    return { device, state, ...(reason === null ? {} : { reason }), failures, missed };
  });
  return {
    ...{ total: all.length, ...(Object.fromEntries(states) as ById<number>) },
    paused: sum(({ pausedUntil }) => (pausedUntil === undefined ? 0 : 1)),
    polls: sum(({ polls }) => polls),
    missed: sum(({ missed }) => missed),
    probes: sum(({ probes }) => probes),
    failures: sum(({ failures }) => failures),
    unchanged: sum(({ unchanged }) => unchanged),
    faults: faultsOf(all.map(([, health]) => health)),
    worst,
    ...leftOut(ailing.length - worst.length),
  };
}

/** How many there were of each cause, of all devices together. */
function faultsOf(devices: readonly DeviceHealth[]): ById<number> {
  const counts = new Map<string, number>();
  for (const { faults } of devices)
    for (const [code, { count }] of Object.entries(faults)) counts.set(code, (counts.get(code) ?? 0) + count);
  return Object.fromEntries(counts);
}

function rankOf({ availability, failures, missed }: DeviceHealth): number {
  if (availability.state === 'offline') return 3;
  if (availability.state === 'degraded') return 2;
  return failures > 0 || missed > 0 ? 1 : 0;
}

function worse(a: DeviceHealth, b: DeviceHealth): number {
  return rankOf(a) - rankOf(b) || a.failures - b.failures || a.missed - b.missed;
}

function ofOutputs(outputs: unknown): unknown {
  if (failed(outputs)) return bounded(outputs, PLAIN);
  const { held, leftOn } = outputs as Readonly<Record<'held' | 'leftOn', readonly unknown[]>>;
  const some = { held: bounded(held, PLAIN), leftOn: bounded(leftOn, PLAIN) };
  return {
    ...some,
    ...leftOut(Math.max(0, held.length - PLAIN.items) + Math.max(0, leftOn.length - PLAIN.items)),
  };
}

/** Which of them are raised is on their own topics. */
function ofAlarms(alarms: unknown): unknown {
  const { states: _, ...others } = alarms as Readonly<Record<string, unknown>>;
  return plainly(others);
}

function ofParts(parts: readonly PartHealth[]): unknown {
  const ailing = parts.filter(({ state }) => state !== 'running');
  const worst = ailing.slice(0, WORST);
  const restarts = parts.reduce((sum, part) => sum + part.restarts, 0);
  const counts = { total: parts.length, running: parts.length - ailing.length, restarts };
  return {
    ...counts,
    worst: bounded(worst, { ...PLAIN, items: WORST }),
    ...leftOut(ailing.length - worst.length),
  };
}
