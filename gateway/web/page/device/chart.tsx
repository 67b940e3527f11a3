// The chart of one field.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { extentOf, type Series } from '../ask/series.js';
import type { ShownField } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { useSpeech } from '../pieces/session.js';
import { numberText } from '../words/numbers.js';
import { shortMomentText } from '../words/times.js';
import { columnsOf, optionsFor, type Drawing, type Mark } from './draw.js';

interface ChartProps {
  readonly field: ShownField;
  readonly series: Series;
  readonly marks: readonly Mark[];
  readonly from: number;
  readonly to: number;
  /** Changes where colours do. */
  readonly look: string;
  readonly onSelect: (from: number, to: number) => void;
}

export function Chart({ field, series, marks, from, to, look, onSelect }: ChartProps): JSX.Element {
  const { locale, texts } = useSpeech();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const drawing = useRef<Drawing>({ series, marks, locale, from, to });
  drawing.current = { series, marks, locale, from, to };
  const select = useRef(onSelect);
  select.current = onSelect;
  const hasBand = series.band !== undefined;
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new uPlot(
      optionsFor(
        element,
        () => drawing.current,
        (a, b) => select.current(a, b),
      ),
      columnsOf(drawing.current.series),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize({ width: Math.max(200, element.clientWidth), height: made.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [hasBand, look, locale, field.id]);
  useEffect(() => {
    plot.current?.setData(columnsOf(series));
  }, [series, marks, from, to]);
  const extent = extentOf(series);
  const short = (ts: number): string => shortMomentText(ts, locale, wallNow());
  const text = (value: number): string => `${numberText(value, locale)} ${field.unit ?? ''}`.trim();
  const told =
    extent === undefined
      ? `${field.label}: ${texts.chart.nothing}`
      : texts.chart.of(field.label, short(from), short(to), text(extent[0]), text(extent[1]));
  return (
    <figure class="chart" data-chart={field.id} data-points={series.ts.length} data-from={from} data-to={to}>
      <figcaption>
        {field.label}
        {field.unit === undefined ? null : <span class="quiet"> {field.unit}</span>}
        {extent !== undefined && (
          <span class="quiet extent">
            {numberText(extent[0], locale)} … {numberText(extent[1], locale)}
          </span>
        )}
      </figcaption>
      <div ref={place} class="plot" role="img" aria-label={told} />
      {extent === undefined && <p class="quiet nothing">{texts.chart.nothing}</p>}
    </figure>
  );
}
