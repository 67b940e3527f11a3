// The last quarter of an hour of a field as a small line, with its scale.
import type { JSX } from 'preact';
import { wallNow } from '../live/ticks.js';
import type { Trend } from '../live/trend.js';
import { scaleText } from '../words/numbers.js';
import { spanText } from '../words/times.js';
import { useSpeech } from './session.js';

export function Sparkline({
  trend,
  skewMs,
}: {
  readonly trend: Trend;
  readonly skewMs: number;
}): JSX.Element {
  const { texts, locale } = useSpeech();
  const line = trend.line(wallNow() - skewMs);
  if (line === undefined) return <span class="spark" />;
  const [low, high] = [scaleText(line.low, locale), scaleText(line.high, locale)];
  return (
    <span class="spark" role="img" aria-label={texts.overview.trendScale(spanText(line.ms), low, high)}>
      <svg viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
        {line.lines.map((points) => (
          <polyline key={points.slice(0, 5)} points={points} />
        ))}
      </svg>
      <span class="scale" aria-hidden="true">
        <span>{high}</span>
        {low !== high && <span>{low}</span>}
      </span>
    </span>
  );
}
