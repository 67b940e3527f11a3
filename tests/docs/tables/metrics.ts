// The metrics, from the table that makes them; {labels} are the places that stand for many keys.
import { METRICS, type Metric } from '../../../gateway/metrics/table.js';
import { code, table } from './markdown.js';

export function metricTable(): string {
  const rows = METRICS.map((metric) => [code(metric.name + labelsOf(metric)), metric.type, metric.help]);
  return table(['below `i2c_mqtt_gateway_`', '', 'what'], rows);
}

function labelsOf({ path, states }: Metric): string {
  const labels = [...path.matchAll(/\{(\w+)\}/g)].map(([, label]) => label ?? '');
  if (states !== undefined) labels.push('state');
  return labels.length === 0 ? '' : `{${labels.join()}}`;
}
