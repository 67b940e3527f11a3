// What is told of one device, and of one bus, on a health topic of its own.
import type { BudgetHealth } from '../../bridge/trace/budget.js';
import type { FaultReport } from '../../bridge/device/fault-log.js';
import type { DeviceHealth } from '../../bridge/polling/poller.js';
import type { Report } from './report.js';
import type { BusHealth } from '../i2c/bus-part.js';
import { bytesOf, cut, MOST_BYTES } from './bounded.js';
import { byId } from './summary.js';

export interface Detail {
  readonly id: string;
  /** Made only for what is said. */
  readonly message: () => Readonly<Record<string, unknown>>;
  /** The same where nothing worth a message has changed: what merely counts on is not in it. */
  readonly news: string;
}

const TEXT_BYTES = 300;
/** For `ts`, counts and traffic beside the faults. */
const BESIDE_BYTES = 1000;

export function deviceDetails(report: Report): readonly Detail[] {
  const traffic = trafficOf(report);
  return Object.entries(byId<DeviceHealth>(report['devices'])).map(([id, health]) => {
    const { availability, faults, ...counts } = health;
    const { state, since, reason } = availability;
    const message = (): Readonly<Record<string, unknown>> => ({
      ...{ ts: report['ts'], availability: { state, since, reason }, ...counts },
      ...traffic.get(id),
      faults: fitting(faults),
    });
    const { missed, probes, failures, pausedUntil } = health;
    const faultCounts = Object.entries(faults).map(([code, { count }]) => [code, count]);
    return {
      ...{ id, message },
      news: JSON.stringify([availability, missed, probes, failures, pausedUntil, faultCounts]),
    };
  });
}

export function busDetails(report: Report): readonly Detail[] {
  const budgets = byId<BudgetHealth>(report['budget']);
  return Object.entries(byId<BusHealth>(report['buses'])).map(([id, health]) => {
    const { scheduled, measured, overloadedSince } = budgets[id] ?? {};
    const budget = scheduled === undefined ? {} : { budget: { scheduled, measured, overloadedSince } };
    const message = (): Readonly<Record<string, unknown>> => ({ ts: report['ts'], ...health, ...budget });
    // How full it is always changes, and is what one wants to see.
    return { id, message, news: String(report['ts']) };
  });
}

type Traffic = Readonly<{ bus: string; traffic: BudgetHealth['devices'][string] }>;

function trafficOf(report: Report): ReadonlyMap<string, Traffic> {
  const buses = Object.entries(byId<BudgetHealth>(report['budget']));
  return new Map(
    buses.flatMap(([bus, { devices }]) =>
      Object.entries(devices).map(([id, traffic]) => [id, { bus, traffic }] as const),
    ),
  );
}

type Faults = DeviceHealth['faults'];

/** Every cause is counted; where not all that is known of them fits, the newest keep their bytes and sentences. */
function fitting(faults: Faults): Readonly<Record<string, FaultReport>> {
  const told: Record<string, FaultReport> = {};
  const newestFirst = Object.entries(faults).toSorted(([, a], [, b]) => b.ts - a.ts);
  for (const [code, { count, share, ts }] of newestFirst) told[code] = { count, share, ts };
  let left = MOST_BYTES - BESIDE_BYTES - bytesOf(told);
  for (const [code, fault] of newestFirst) {
    const { bytes, message, hint } = fault;
    const texts = Object.entries({ bytes, message, hint }).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, cut(text, TEXT_BYTES)]],
    );
    const full = { ...told[code], ...Object.fromEntries(texts) } as FaultReport;
    left -= bytesOf(full) - bytesOf(told[code]);
    if (left < 0) break;
    told[code] = full;
  }
  return told;
}
