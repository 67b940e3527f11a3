// Asks the recorder for the course of a device's fields: every sample where there are few, points of many else.
import { seriesOfPoints, seriesOfSamples, type Series } from '../ask/series.js';
import type { Device } from '../live/model.js';
import type { Session } from '../pieces/session.js';

/** More than so many samples are made small by the store. */
const MOST_SAMPLES = 4000;
const POINTS = 400;
/** What the store makes points of at once. */
const MOST_FIELDS = 16;
/** Of a device that does not tell how often it is read. */
const ASSUMED_INTERVAL_MS = 60_000;

export interface Course {
  readonly from: number;
  readonly to: number;
  readonly series: ReadonlyMap<string, Series>;
  /** Why the store could not be asked, where only what waits for it is shown. */
  readonly missing?: string;
  readonly isCut: boolean;
}

export interface CourseQuery {
  readonly device: Device;
  readonly fields: readonly string[];
  /** Epoch ms of the gateway's clock. */
  readonly from: number;
  readonly to: number;
}

/** Whether so long a time is shown as samples. */
export function isFine({ device, from, to }: CourseQuery): boolean {
  return (to - from) / intervalOf(device) <= MOST_SAMPLES;
}

export function parametersOf(query: CourseQuery): Readonly<Record<string, string | number>> {
  const { device, fields, from, to } = query;
  const chosen = fields.slice(0, MOST_FIELDS).join(',');
  const range = { device: device.id, gateway: device.gateway, fields: chosen, from, to };
  return isFine(query) ? { ...range, limit: MOST_SAMPLES * 2 } : { ...range, points: POINTS };
}

/** Rejects with AskError. */
export async function askCourse({ api }: Session, query: CourseQuery, signal: AbortSignal): Promise<Course> {
  const { device, from, to } = query;
  const fields = query.fields.slice(0, MOST_FIELDS);
  if (fields.length === 0) return { from, to, series: new Map(), isCut: false };
  if (isFine(query)) {
    const answer = await api.samples(parametersOf(query), signal);
    const of = (field: string): Series => seriesOfSamples(answer, field, intervalOf(device));
    return { from, to, ...courseOf(fields, of, answer.missing), isCut: answer.truncated };
  }
  const answer = await api.points(parametersOf(query), signal);
  return {
    from,
    to,
    ...courseOf(fields, (field) => seriesOfPoints(answer, field), answer.missing),
    isCut: false,
  };
}

function courseOf(
  fields: readonly string[],
  of: (field: string) => Series,
  missing: { readonly message: string } | undefined,
): Pick<Course, 'series' | 'missing'> {
  const series = new Map(fields.map((field) => [field, of(field)]));
  return { series, ...(missing === undefined ? {} : { missing: missing.message }) };
}

export function intervalOf({ meta }: Device): number {
  return meta.intervalMs ?? ASSUMED_INTERVAL_MS;
}
