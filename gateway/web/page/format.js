// Values and times as people read them. Everything from MQTT is shown as text only (textContent), never as markup.
/* global document, TextDecoder */

/** A payload's JSON object; undefined when it is anything else. */
export function parseObject(payload) {
  try {
    const value = JSON.parse(new TextDecoder().decode(payload));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The entries of what should be an object of objects, whatever a client published in its place. */
export function entriesOf(value) {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return entries.filter(([, inner]) => typeof inner === 'object' && inner !== null);
}

export function valueText(value, unit) {
  const text = typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : String(value);
  return typeof unit === 'string' && typeof value === 'number' ? `${text} ${unit}` : text;
}

/** How long ago `ts` (epoch ms) is. */
export function ageText(ts, now = Date.now()) {
  if (typeof ts !== 'number') return '';
  const seconds = Math.max(0, Math.round((now - ts) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return new Date(ts).toLocaleString();
}

/** An element with a class and text. */
export function element(name, className = '', text = '') {
  const created = document.createElement(name);
  if (className !== '') created.className = className;
  created.textContent = text;
  return created;
}
