// Topic filters against topic filters: does one match everything another does, and is there a topic that both match.

/** `$` topics are outside of what a filter that starts with a wildcard matches [MQTT-4.7.2-1]. */
function sameWorld(a: string, b: string): boolean {
  return a.startsWith('$') === b.startsWith('$');
}

/** Whether every topic that `narrow` matches is matched by `wide`. */
export function filterCovers(wide: string, narrow: string): boolean {
  if (!sameWorld(wide, narrow)) return false;
  const outer = wide.split('/');
  const inner = narrow.split('/');
  for (const [index, level] of outer.entries()) {
    if (level === '#') return true;
    const other = inner[index];
    if (other === undefined || other === '#') return false;
    if (level !== '+' && level !== other) return false;
  }
  return outer.length === inner.length;
}

/** Whether there may be a topic that both match. */
export function filtersOverlap(a: string, b: string): boolean {
  if (!sameWorld(a, b)) return false;
  const left = a.split('/');
  const right = b.split('/');
  for (let index = 0; ; index++) {
    const one = left[index];
    const other = right[index];
    // `a/#` matches `a` as well.
    if (one === '#' || other === '#') return true;
    if (one === undefined || other === undefined) return one === other;
    if (one !== '+' && other !== '+' && one !== other) return false;
  }
}
