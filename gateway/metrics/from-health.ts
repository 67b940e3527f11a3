// The numbers of the health report as metrics: those that the health topics are made of, under Prometheus' names and units.
import { METRICS, PREFIX, type Metric } from './table.js';
import type { Family, Sample } from './exposition.js';

type Labels = Readonly<Record<string, string>>;

/** `report` as `HealthReport` gives it. */
export function metricsOf(report: unknown, version: string): Family[] {
  const info: Family = {
    name: `${PREFIX}build_info`,
    type: 'gauge',
    help: 'Always 1; the version of the gateway and of Node.',
    samples: [{ labels: { version, node: process.version }, value: 1 }],
  };
  return [info, ...METRICS.map((metric) => familyOf(metric, report))];
}

function familyOf(metric: Metric, report: unknown): Family {
  const { name, type, help, path } = metric;
  const samples = found(report, path.split('.'), {}).flatMap(([labels, value]) =>
    samplesOf(metric, labels, value),
  );
  return { name: PREFIX + name, type, help, samples };
}

function samplesOf(metric: Metric, labels: Labels, value: unknown): Sample[] {
  const { states, scale = 1 } = metric;
  if (states !== undefined)
    return states.map((state) => ({ labels: { ...labels, state }, value: state === value ? 1 : 0 }));
  if (metric.is !== undefined) return [{ labels, value: metric.is === value ? 1 : 0 }];
  if (metric.isThere === true) return [{ labels, value: value === undefined ? 0 : 1 }];
  if (typeof value === 'boolean') return [{ labels, value: value ? 1 : 0 }];
  return typeof value === 'number' ? [{ labels, value: scaled(value, scale) }] : [];
}

/** 163 ms are 0.163 s, not 0.16300000000000001. */
function scaled(value: number, scale: number): number {
  return scale < 1 ? value / Math.round(1 / scale) : value * scale;
}

/** What lies at the path, once for each key where it has a `{label}`; of what is not there only its last step is told. */
function found(value: unknown, path: readonly string[], labels: Labels): [Labels, unknown][] {
  const [step, ...rest] = path;
  if (step === undefined) return [[labels, value]];
  if (typeof value !== 'object' || value === null) return [];
  const label = /^\{(\w+)\}$/.exec(step)?.[1];
  if (label === undefined) {
    const next = (value as Readonly<Record<string, unknown>>)[step];
    return found(next, rest, labels);
  }
  return entriesOf(value).flatMap(([key, next]) => found(next, rest, { ...labels, [label]: key }));
}

/** Of a list each item by its name. */
function entriesOf(value: object): [string, unknown][] {
  if (!Array.isArray(value)) return Object.entries(value);
  return (value as readonly { readonly name?: unknown }[]).map((item) => [String(item.name), item]);
}
