// A moment as people and programs give it, at every door the same: ISO 8601, or epoch milliseconds.
//
// What bears no zone (2026-11-22, 2026-11-22T23:14) is local time of the gateway's machine: a night is one of where the
// greenhouse stands, and a day there may have 23 or 25 hours.

export type Moment = { readonly ts: number } | { readonly wrong: string };

/** As far as a date reaches: https://tc39.es/ecma262/#sec-time-values-and-time-range */
export const LAST_MOMENT = 8.64e15;
/** 2001-09-09 to 2103: clocks that were set. No other unit counts to as many: 10 digits are seconds, 16 microseconds. */
const FIRST_SET = 1e12;
const LAST_SET = 4.2e12;
const DAY_MS = 86_400_000;

const UNITS = [
  { name: 'seconds', factor: 1e-3, cure: 'multiply by 1000' },
  { name: 'microseconds', factor: 1e3, cure: 'divide by 1000' },
  { name: 'nanoseconds', factor: 1e6, cure: 'divide by 1000000' },
] as const;

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
/** 2026, 20261122 and 20261122231405 are dates to who types them. */
const DATE_IN_DIGITS = /^(?:19|20)\d\d(?:\d{4}(?:\d{6})?)?$/;
const EXPECTED = 'is a time such as 2026-11-22, 2026-11-22T23:14:05Z or epoch milliseconds';

/** `now` is the gateway's own clock: what is within a day of it is a time, whatever it looks like. */
export function parseMoment(given: number | string, now: number): Moment {
  if (typeof given === 'number') return ofNumber(given, now);
  const text = given.trim();
  if (/^\d+(?:\.\d+)?$/.test(text) && !DATE_IN_DIGITS.test(text)) return ofNumber(Number(text), now);
  return ofText(text);
}

/** Whether a clock that shows this has been set. */
export function isOfSetClock(ts: number): boolean {
  return ts >= FIRST_SET && ts < LAST_SET;
}

export function areNear(ts: number, now: number): boolean {
  return Math.abs(ts - now) <= DAY_MS;
}

function ofNumber(ts: number, now: number): Moment {
  if (!areNear(ts, now)) {
    const unit = UNITS.find(({ factor }) => isOfSetClock(ts / factor));
    if (unit !== undefined)
      return { wrong: `${String(ts)} looks like ${unit.name}: ${unit.cure}, times are epoch milliseconds` };
  }
  if (Math.abs(ts) <= LAST_MOMENT) return { ts };
  return { wrong: `${String(ts)} lies beyond all dates; it ${EXPECTED}` };
}

function ofText(text: string): Moment {
  const shown = text.slice(0, 40);
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] =
    ISO.exec(text) ?? [];
  if (year === undefined) return { wrong: `it ${EXPECTED}, not ${shown}` };
  const [y, mon, d] = [Number(year), Number(month) - 1, Number(day)];
  const [h, min, s] = [Number(hour), Number(minute), Number(second)];
  const ms = Math.floor(Number(`0.${fraction}`) * 1000);
  const utc = utcOf(y, mon, d);
  // A date that there is comes back as it went in.
  if (utc.getUTCMonth() !== mon || utc.getUTCDate() !== d) return { wrong: `there is no day ${shown}` };
  if (h > 23 || min > 59 || s > 59) return { wrong: `there is no time ${shown}` };
  if (zone === undefined) {
    const local = new Date(2000, 0, 1);
    local.setFullYear(y, mon, d);
    local.setHours(h, min, s, ms);
    return { ts: local.getTime() };
  }
  const offset = offsetMs(zone);
  if (offset === undefined) return { wrong: `there is no time zone ${zone}` };
  return { ts: utc.getTime() + ((h * 60 + min) * 60 + s) * 1000 + ms - offset };
}

/** Not Date.UTC, which takes the years 0 to 99 for those of the last century. */
function utcOf(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date;
}

function offsetMs(zone: string): number | undefined {
  if (/^z$/i.test(zone)) return 0;
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
