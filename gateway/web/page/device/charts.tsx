// The course of every field, over a time that one chooses, moves and zooms, with what happened meanwhile.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Device, ShownField } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import type { Line } from '../pieces/line.js';
import { skewOf, useSession, useSpeech } from '../pieces/session.js';
import { shortMomentText } from '../words/times.js';
import { Chart } from './chart.js';
import { CourseBar } from './course-bar.js';
import type { Mark } from './draw.js';
import { between, type Span } from './span.js';
import { useCourse } from './use-course.js';

interface ChartsProps {
  readonly device: Device;
  readonly fields: readonly ShownField[];
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
  readonly lines: readonly Line[];
}

export function Charts({ device, fields, span, onSpan, lines }: ChartsProps): JSX.Element {
  const session = useSession();
  const { texts, locale } = useSpeech();
  const ids = fields.map(({ id }) => id);
  const { course, fault, isAsking, from, to } = useCourse(device, ids, span);
  const now = wallNow() - skewOf(session, device.gateway);
  const marks = marksOf(lines, from, to);
  const short = (ts: number): string => shortMomentText(ts, locale, wallNow());
  const [dark] = useState(() => matchMedia('(prefers-color-scheme: dark)'));
  const look = `${session.preferences.choices.theme}/${String(dark.matches)}`;
  const hasBand = [...(course?.series.values() ?? [])].some(({ band }) => band !== undefined);
  return (
    <>
      <CourseBar device={device} fields={ids} span={span} now={now} onSpan={onSpan} />
      <p class="quiet about-course" aria-live="polite">
        {texts.chart.range2(short(from), short(to))}
        {isAsking && course === undefined ? ` ${texts.chart.loading}` : ''}
      </p>
      {fault !== undefined && <p class="fault">{texts.chart.failed(fault)}</p>}
      {course?.missing !== undefined && <p class="fault">{texts.chart.partly(course.missing)}</p>}
      {course?.isCut === true && <p class="quiet">{texts.chart.cut}</p>}
      <div class="charts">
        {fields.map((field) => (
          <Chart
            key={field.id}
            field={field}
            series={course?.series.get(field.id) ?? EMPTY}
            marks={marks}
            from={from}
            to={to}
            look={look}
            onSelect={(a, b) => {
              onSpan(between(a, b, now));
            }}
          />
        ))}
      </div>
      <p class="quiet">
        {hasBand && `${texts.chart.means} `}
        {texts.chart.marks}
      </p>
    </>
  );
}

const EMPTY = { ts: [], mean: [], disbelieved: [] };
/** More are a hedge, not marks. */
const MOST_MARKS = 200;

function marksOf(lines: readonly Line[], from: number, to: number): readonly Mark[] {
  return lines
    .flatMap(({ ts, kind }) => (kind === 'log' || ts < from || ts > to ? [] : [{ ts, kind }]))
    .slice(0, MOST_MARKS);
}
