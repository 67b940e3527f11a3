// The course of a device's fields as it is shown: asked for once for each time, then going on with what MQTT tells.
import { useEffect, useRef, useState } from 'preact/hooks';
import { GAP_INTERVALS, withReading, type Series } from '../ask/series.js';
import type { Device } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { skewOf, useChannel, useSession } from '../pieces/session.js';
import { askCourse, recordedEveryMs, type Course } from './ask-course.js';
import { endsOf, type Span } from './span.js';

/** What goes on by single readings is asked anew so often: the store knows lowest and highest, the page does not. */
const ASK_AGAIN_MS = 60_000;

export interface ShownCourse {
  readonly course: Course | undefined;
  readonly fault: string | undefined;
  readonly isAsking: boolean;
  readonly from: number;
  readonly to: number;
}

export function useCourse(device: Device, fields: readonly string[], span: Span): ShownCourse {
  const session = useSession();
  const [course, setCourse] = useState<Course>();
  const [fault, setFault] = useState<string>();
  const [isAsking, setIsAsking] = useState(true);
  const askedAt = useRef(0);
  const [round, setRound] = useState(0);
  useChannel(device.key);
  const skewMs = skewOf(session, device.gateway);
  const now = wallNow() - skewMs;
  const isLive = span.kind === 'live';
  // With another skew it is another time that is shown: a gateway's clock may be set.
  const asked = JSON.stringify([device.key, fields, span, round, isLive ? skewMs : 0]);
  // What came while the connection was away is only in the recorder.
  useChannel('connection');
  const { connected } = session.site;
  const wasAway = useRef(false);
  useEffect(() => {
    if (connected === 'away') wasAway.current = true;
    else if (connected === 'live' && wasAway.current) {
      wasAway.current = false;
      setRound(round + 1);
    }
  }, [connected]);
  useEffect(() => {
    const controller = new AbortController();
    const ends = endsOf(span, Math.round(wallNow() - skewOf(session, device.gateway)));
    const query = { device, fields, from: Math.floor(ends.from), to: Math.ceil(ends.to) };
    setIsAsking(true);
    askedAt.current = wallNow();
    askCourse(session.api, query, controller.signal).then(
      (answer) => {
        setCourse(answer);
        setFault(undefined);
        setIsAsking(false);
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setFault(error instanceof Error ? error.message : String(error));
        setIsAsking(false);
      },
    );
    return () => {
      controller.abort();
    };
  }, [asked]);
  useEffect(() => {
    if (!isLive || isAsking) return;
    const isCoarse = [...(course?.series.values() ?? [])].some(({ band }) => band !== undefined);
    if (isCoarse && wallNow() - askedAt.current > Math.max(ASK_AGAIN_MS, span.ms / 400)) setRound(round + 1);
    else if (course !== undefined) {
      setCourse(grown(course, device, { fromTs: now - span.ms, leastGapMs: isCoarse ? span.ms / 200 : 0 }));
    }
  }, [device.state]);
  return { course, fault, isAsking, ...endsOf(span, now) };
}

interface Growing {
  /** Epoch ms: what lies before goes. */
  readonly fromTs: number;
  readonly leastGapMs: number;
}

/** With the newest reading of each field. */
function grown(course: Course, device: Device, { fromTs, leastGapMs }: Growing): Course {
  const { ts } = device.state;
  if (ts === undefined) return course;
  const series = [...course.series].map(([field, known]): [string, Series] => {
    const value = device.state.values.get(field);
    const number = typeof value === 'boolean' ? Number(value) : value;
    const gapMs = Math.max(GAP_INTERVALS * recordedEveryMs(device, field), leastGapMs);
    const next = withReading(known, ts, typeof number === 'number' ? number : null, { fromTs, gapMs });
    const code = device.state.errors.get(field);
    if (code === undefined || next === known) return [field, next];
    return [field, { ...next, disbelieved: [...next.disbelieved, [ts, code]] }];
  });
  return { ...course, series: new Map(series) };
}
