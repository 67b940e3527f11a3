// Asks the recorder for the course of a device's fields: every sample where there are few, points of many else.
import type { HistoryAnswer, PointsAnswer } from '../../../../bridge/history/history.js';
import { seriesOfPoints, seriesOfSamples, type Series } from '../ask/series.js';
import type { Device } from '../live/model.js';

/** More than so many samples are made small by the store. */
const MOST_SAMPLES = 4000;
const POINTS = 400;
/** What the recorder answers at once. */
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

type Parameters = Readonly<Record<string, string | number>>;

/** Where it is asked for. */
export interface CourseApi {
  samples(query: Parameters, signal: AbortSignal): Promise<HistoryAnswer>;
  points(query: Parameters, signal: AbortSignal): Promise<PointsAnswer>;
}

/** Whether so long a time is shown as samples. */
export function isFine({ device, from, to }: CourseQuery): boolean {
  return (to - from) / intervalOf(device) <= MOST_SAMPLES;
}

/** Rejects with AskError. */
export async function askCourse(api: CourseApi, query: CourseQuery, signal: AbortSignal): Promise<Course> {
  const { device, from, to, fields } = query;
  if (fields.length === 0) return { from, to, series: new Map(), isCut: false };
  if (isFine(query)) {
    const answer = await api.samples({ ...samplesOf(query), limit: MOST_SAMPLES * 2 }, signal);
    const of = (field: string): Series => seriesOfSamples(answer, field, recordedEveryMs(device, field));
    return { from, to, ...courseOf(fields, of, answer.missing), isCut: answer.truncated };
  }
  const answer = await allPoints(api, query, signal);
  const of = (field: string): Series => seriesOfPoints(answer, field, recordedEveryMs(device, field));
  return { from, to, ...courseOf(fields, of, answer.missing), isCut: false };
}

/** What asks for the samples of these fields, or of all where they are too many to be named. */
export function samplesOf({ device, fields, from, to }: CourseQuery): Parameters {
  const named = fields.length > MOST_FIELDS ? {} : { fields: fields.join(',') };
  return { device: device.id, gateway: device.gateway, ...named, from, to };
}

/** Of all fields, however many. */
export async function allPoints(
  api: CourseApi,
  { device, fields, from, to }: CourseQuery,
  signal: AbortSignal,
): Promise<PointsAnswer> {
  const range = { device: device.id, gateway: device.gateway, from, to };
  let all: PointsAnswer = { device: device.id, from, to, bucketMs: 1, series: {}, waiting: 0 };
  for (let at = 0; at < fields.length; at += MOST_FIELDS) {
    const named = fields.slice(at, at + MOST_FIELDS).join(',');
    const answer = await api.points({ ...range, fields: named, points: POINTS }, signal);
    const bucketMs = Math.max(all.bucketMs, answer.bucketMs);
    all = { ...answer, bucketMs, series: { ...all.series, ...answer.series } };
  }
  return all;
}

function courseOf(
  fields: readonly string[],
  of: (field: string) => Series,
  missing: { readonly message: string } | undefined,
): Pick<Course, 'series' | 'missing'> {
  const series = new Map(fields.map((field) => [field, of(field)]));
  return { series, ...(missing === undefined ? {} : { missing: missing.message }) };
}

/** A slow field beside a fast one, or one that is recorded when it changes, has no gap behind every reading. */
export function recordedEveryMs(device: Device, field: string): number {
  return device.meta.fields.get(field)?.recordedEveryMs ?? intervalOf(device);
}

function intervalOf({ meta }: Device): number {
  return meta.intervalMs ?? ASSUMED_INTERVAL_MS;
}
