// What time the charts show: ranges, steps to each side, closer and wider, going on; and what is seen as a file.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Device } from '../live/model.js';
import { useSession, useSpeech } from '../pieces/session.js';
import { saveFile } from '../pieces/save-file.js';
import { courseCsv } from './course-csv.js';
import { endsOf, panned, RANGE_MS, RANGES, zoomed, type Span } from './span.js';

/** For some hundred thousand rows of a small computer. */
const PATIENCE_MS = 120_000;

interface CourseBarProps {
  readonly device: Device;
  readonly fields: readonly string[];
  readonly span: Span;
  readonly now: number;
  readonly onSpan: (span: Span) => void;
}

export function CourseBar({ device, fields, span, now, onSpan }: CourseBarProps): JSX.Element {
  const { api } = useSession();
  const { chart } = useSpeech().texts;
  const [fault, setFault] = useState<string>();
  const isLive = span.kind === 'live';
  const { from, to } = endsOf(span, now);
  const save = (): void => {
    const query = { device, fields, from: Math.floor(from), to: Math.ceil(to) };
    courseCsv(api, query, AbortSignal.timeout(PATIENCE_MS)).then(
      ({ text, isWhole }) => {
        setFault(isWhole ? undefined : chart.csvCut);
        saveFile(new Blob([text], { type: 'text/csv' }), `${device.id}.csv`);
      },
      (error: unknown) => {
        setFault(error instanceof Error ? error.message : String(error));
      },
    );
  };
  const step = (text: string, sign: string, next: Span): JSX.Element => (
    <button type="button" aria-label={text} title={text} onClick={() => onSpan(next)}>
      {sign}
    </button>
  );
  return (
    <div class="course-bar" role="group" aria-label={chart.range}>
      {RANGES.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={isLive && span.ms === RANGE_MS[name]}
          onClick={() => onSpan({ kind: 'live', ms: RANGE_MS[name] })}
        >
          {chart.ranges[name]}
        </button>
      ))}
      <span class="steps">
        {step(chart.earlier, '◀', panned(span, -0.5, now))}
        {step(chart.later, '▶', panned(span, 0.5, now))}
        {step(chart.closer, '+', zoomed(span, 0.5, now))}
        {step(chart.wider, '−', zoomed(span, 2, now))}
      </span>
      <button
        type="button"
        aria-pressed={isLive}
        onClick={() => onSpan(isLive ? { kind: 'still', from, to } : { kind: 'live', ms: to - from })}
      >
        {chart.live}
      </button>
      <button type="button" onClick={save}>
        {chart.csv}
      </button>
      {fault !== undefined && <span class="fault">{fault}</span>}
    </div>
  );
}
