// What a chart draws: uPlot's options for one field, with its band, what was not believed, and the marks of what happened.
import type uPlot from 'uplot';
import { aloneIn, type Series } from '../ask/series.js';
import { numberText } from '../words/numbers.js';

/** Something that happened while it was measured. */
export interface Mark {
  readonly ts: number;
  readonly kind: 'command' | 'event';
}

export interface Drawing {
  readonly series: Series;
  readonly marks: readonly Mark[];
  readonly locale: string;
  /** The axis' own ends, epoch ms. */
  readonly from: number;
  readonly to: number;
}

const HEIGHT = 200;
const CURSOR = 'i2c-mqtt-gateway';

/** uPlot counts in seconds. */
export function columnsOf(series: Series): uPlot.AlignedData {
  const ts = series.ts.map((at) => at / 1000);
  const mean = [...series.mean];
  if (series.band === undefined) return [ts, mean];
  return [ts, mean, [...series.band.low], [...series.band.high]];
}

/** A colour of the style sheet. */
function colour(element: HTMLElement, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

/** `drawing` gives what is to be drawn now; `onSelect` gets what somebody has drawn a frame about, in epoch ms. */
export function optionsFor(
  element: HTMLElement,
  drawing: () => Drawing,
  onSelect: (from: number, to: number) => void,
): uPlot.Options {
  const { series, locale } = drawing();
  const [line, band, axis, grid] = ['--line', '--band', '--quiet', '--rule'].map((name) =>
    colour(element, name),
  );
  const hasBand = series.band !== undefined;
  const edge = { stroke: 'transparent', width: 0, points: { show: false } };
  const font = '12px system-ui, sans-serif';
  const look = { stroke: axis, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  return {
    ...{ width: Math.max(200, element.clientWidth), height: HEIGHT, legend: { show: false } },
    cursor: { sync: { key: CURSOR }, drag: { x: true, y: false, setScale: false }, y: false },
    scales: {
      x: { time: true, range: () => [drawing().from / 1000, drawing().to / 1000] },
      y: { range: (_plot, low, high) => roomFor(low, high) },
    },
    series: [
      {},
      { stroke: line, width: 1.5, spanGaps: false, points: { show: areFew, filter: shownBesides, size: 4 } },
      ...(hasBand ? [edge, edge] : []),
    ] as uPlot.Series[],
    ...(hasBand ? { bands: [{ series: [3, 2], fill: band }] as uPlot.Band[] } : {}),
    axes: [
      {
        ...look,
        values: (_plot, splits, _index, _space, step) => splits.map((at) => timeText(at, step, locale)),
      },
      { ...look, size: 64, values: (_plot, splits) => splits.map((value) => numberText(value, locale)) },
    ] as uPlot.Axis[],
    hooks: {
      draw: [
        (plot) => {
          drawMarks(plot, element, drawing());
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          onSelect(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Of few readings each is shown. */
function areFew(plot: uPlot): boolean {
  return plot.data[0].length < 60;
}

/** A single reading between two gaps has no line, so it is a point however many there are. */
function shownBesides(plot: uPlot, _series: number, areAllShown: boolean): number[] | null {
  return areAllShown ? null : aloneIn(plot.data[1] ?? []);
}

/** A tenth above and below; a level line is in the middle. */
function roomFor(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const room = high === low ? Math.max(1, Math.abs(high) * 0.05) : (high - low) * 0.1;
  return [low - room, high + room];
}

const MINUTE = 60;
const DAY = 86_400;

/** `at` and `step` in seconds: as much of it as tells the ticks apart. */
function timeText(at: number, step: number, locale: string): string {
  const date = new Date(at * 1000);
  if (step >= DAY) return date.toLocaleDateString(locale, { day: 'numeric', month: 'short' });
  const seconds = step < MINUTE ? ({ second: '2-digit' } as const) : {};
  const time = date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', ...seconds });
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return isMidnight ? date.toLocaleDateString(locale, { day: 'numeric', month: 'short' }) : time;
}

function drawMarks(plot: uPlot, element: HTMLElement, { marks, series }: Drawing): void {
  const { ctx, bbox } = plot;
  const { top, height, left, width } = bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.lineWidth = devicePixelRatio;
  for (const kind of ['command', 'event'] as const) {
    ctx.strokeStyle = colour(element, `--${kind}`);
    ctx.setLineDash(kind === 'event' ? [4 * devicePixelRatio, 3 * devicePixelRatio] : []);
    ctx.beginPath();
    for (const { ts } of marks.filter((mark) => mark.kind === kind)) {
      const x = plot.valToPos(ts / 1000, 'x', true);
      ctx.moveTo(x, top);
      ctx.lineTo(x, top + height);
    }
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.strokeStyle = colour(element, '--bad');
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  const size = 4 * devicePixelRatio;
  for (const [ts] of series.disbelieved) {
    const x = plot.valToPos(ts / 1000, 'x', true);
    const y = top + height - 2 * size;
    ctx.moveTo(x - size, y - size);
    ctx.lineTo(x + size, y + size);
    ctx.moveTo(x + size, y - size);
    ctx.lineTo(x - size, y + size);
  }
  ctx.stroke();
  ctx.restore();
}
