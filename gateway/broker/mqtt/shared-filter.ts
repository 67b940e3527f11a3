// Shared subscriptions (MQTT 5.0 §4.8.2): of all who subscribe `$share/GROUP/FILTER` one gets each message. aedes refuses the
// name with MQTT 5 and takes it for a topic's with 3.1.1; within the broker the filter has another, which no client can
// write: U+0000 stands in no filter [MQTT-1.5.4-2].

const PREFIX = '$share/';
const WITHIN = '$share\0';
/** A group is one level without wildcards, and there is a filter behind it [MQTT-4.8.2-1, MQTT-4.8.2-2]. */
const SHARED = /^\$share\/[^/+#]+\/./;

/** Whether a filter that begins as one of a group is none. */
export function isBadlyShared(filter: string): boolean {
  return filter.startsWith(PREFIX) && !SHARED.test(filter);
}

/** The filter as it is called within the broker. */
export function nameWithin(filter: string): string {
  return SHARED.test(filter) ? WITHIN + filter.slice(PREFIX.length) : filter;
}

/** As its client calls it. */
export function nameOutside(filter: string): string {
  return isShared(filter) ? PREFIX + filter.slice(WITHIN.length) : filter;
}

export function isShared(filter: string): boolean {
  return filter.startsWith(WITHIN);
}

/** What topics must match; of one that is not shared it is the filter itself. */
export function matchedBy(filter: string): string {
  return isShared(filter) ? filter.slice(filter.indexOf('/') + 1) : filter;
}
