// MQTT topic filters (MQTT 3.1.1 §4.7): does one match, and which of many match a topic.

/** A topic that starts with `$` is not matched by a filter that starts with a wildcard [MQTT-4.7.2-1]. */
function hiddenFromWildcards(topic: string): boolean {
  return topic.startsWith('$');
}

/** Whether `filter` matches `topic`; `a/#` matches `a` too [MQTT-4.7.1-2]. */
export function filterMatches(filter: string, topic: string): boolean {
  if (hiddenFromWildcards(topic) && (filter.startsWith('+') || filter.startsWith('#'))) return false;
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}

interface Node<V> {
  readonly children: Map<string, Node<V>>;
  readonly values: Set<V>;
}

function newNode<V>(): Node<V> {
  return { children: new Map(), values: new Set() };
}

/** Values filed under filters. Matching costs the topic's levels, not the number of filters. */
export class FilterTrie<V> {
  readonly #root = newNode<V>();

  add(filter: string, value: V): void {
    let node = this.#root;
    for (const level of filter.split('/')) {
      let child = node.children.get(level);
      if (child === undefined) node.children.set(level, (child = newNode()));
      node = child;
    }
    node.values.add(value);
  }

  remove(filter: string, value: V): void {
    removeFrom(this.#root, filter.split('/'), 0, value);
  }

  /** All values whose filter matches. A new array: handlers may add and remove while it is walked. */
  match(topic: string): V[] {
    const found: V[] = [];
    collect(this.#root, topic.split('/'), 0, hiddenFromWildcards(topic), found);
    return found;
  }
}

/** Takes empty branches out on the way back, so that a client that subscribes and leaves leaves nothing behind. */
function removeFrom<V>(node: Node<V>, levels: readonly string[], depth: number, value: V): void {
  const level = levels[depth];
  if (level === undefined) {
    node.values.delete(value);
    return;
  }
  const child = node.children.get(level);
  if (child === undefined) return;
  removeFrom(child, levels, depth + 1, value);
  if (child.values.size === 0 && child.children.size === 0) node.children.delete(level);
}

function collect<V>(
  node: Node<V>,
  levels: readonly string[],
  depth: number,
  noWild: boolean,
  found: V[],
): void {
  const wild = depth > 0 || !noWild;
  if (wild) for (const value of node.children.get('#')?.values ?? []) found.push(value);
  const level = levels[depth];
  if (level === undefined) {
    for (const value of node.values) found.push(value);
    return;
  }
  const any = wild ? node.children.get('+') : undefined;
  if (any !== undefined) collect(any, levels, depth + 1, noWild, found);
  const exact = node.children.get(level);
  if (exact !== undefined) collect(exact, levels, depth + 1, noWild, found);
}
