// Times as people read them: local ones with their zone, and how long something is ago.
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(name: string, locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale}/${name}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, options);
  formats.set(key, made);
  return made;
}

/** What a clock cannot show. */
function isShown(ts: number): boolean {
  return Math.abs(ts) <= 8.64e15;
}

/** Date and time to the second, with the zone. `ts` in epoch ms. */
export function momentText(ts: number, locale: string): string {
  if (!isShown(ts)) return String(ts);
  const options = { dateStyle: 'medium', timeStyle: 'long' } as const;
  return formatOf('moment', locale, options).format(ts);
}

/** The time of the day, with the date where that is not today's. */
export function shortMomentText(ts: number, locale: string, now: number): string {
  if (!isShown(ts)) return String(ts);
  const isToday = new Date(ts).toDateString() === new Date(now).toDateString();
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  const date = { day: 'numeric', month: 'short', ...time } as const;
  return isToday ? formatOf('time', locale, time).format(ts) : formatOf('date', locale, date).format(ts);
}

/** `12 s`, `3 min`, `5 h`, `2 d`: the largest unit alone. */
export function spanText(ms: number): string {
  if (ms < MINUTE) return `${String(Math.max(0, Math.round(ms / SECOND)))} s`;
  if (ms < HOUR) return `${String(Math.floor(ms / MINUTE))} min`;
  if (ms < 2 * DAY) return `${String(Math.floor(ms / HOUR))} h`;
  return `${String(Math.floor(ms / DAY))} d`;
}

/** `90 s`, `2 min 5 s`, `1 h 2 min`: to be counted down by. */
export function countdownText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND));
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(seconds % 60)} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}

/** As a duration is written: `30s`, `10m`, `500ms`. */
export function durationText(ms: number): string {
  if (ms % HOUR === 0) return `${String(ms / HOUR)} h`;
  if (ms % MINUTE === 0) return `${String(ms / MINUTE)} min`;
  return ms % SECOND === 0 ? `${String(ms / SECOND)} s` : `${String(ms)} ms`;
}

export function zoneText(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
