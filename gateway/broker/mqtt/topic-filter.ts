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

export function levelsOf(filter: string): number {
  let levels = 1;
  for (let at = filter.indexOf('/'); at !== -1; at = filter.indexOf('/', at + 1)) levels++;
  return levels;
}

/** Most nodes have one child and none or one value: a Map and a Set in each would cost ten times as much. */
class Node<V> {
  #level: string | undefined;
  #child: Node<V> | undefined;
  #children: Map<string, Node<V>> | undefined;
  #value: V | undefined;
  #values: Set<V> | undefined;

  get isEmpty(): boolean {
    return this.#value === undefined && this.#values === undefined && this.#level === undefined;
  }

  child(level: string): Node<V> | undefined {
    if (this.#children !== undefined) return this.#children.get(level);
    return this.#level === level ? this.#child : undefined;
  }

  childAt(level: string): Node<V> {
    const known = this.child(level);
    if (known !== undefined) return known;
    const child = new Node<V>();
    if (this.#level === undefined) {
      this.#level = level;
      this.#child = child;
    } else {
      this.#children ??= new Map(this.#child === undefined ? [] : [[this.#level, this.#child]]);
      this.#children.set(level, child);
    }
    return child;
  }

  removeChild(level: string): void {
    if (this.#children !== undefined) {
      this.#children.delete(level);
      if (this.#children.size > 1) return;
      const [only] = this.#children;
      [this.#level, this.#child] = only ?? [undefined, undefined];
      this.#children = undefined;
    } else if (this.#level === level) {
      this.#level = undefined;
      this.#child = undefined;
    }
  }

  add(value: V): void {
    if (this.#values !== undefined) this.#values.add(value);
    else if (this.#value === undefined) this.#value = value;
    else if (this.#value !== value) {
      this.#values = new Set([this.#value, value]);
      this.#value = undefined;
    }
  }

  remove(value: V): void {
    if (this.#value === value) this.#value = undefined;
    this.#values?.delete(value);
    if (this.#values?.size === 0) this.#values = undefined;
  }

  collect(found: V[]): void {
    if (this.#value !== undefined) found.push(this.#value);
    if (this.#values !== undefined) for (const value of this.#values) found.push(value);
  }
}

/** Values filed under filters. Matching costs what can match, not the number of filters. */
export class FilterTrie<V extends object> {
  readonly #root = new Node<V>();

  add(filter: string, value: V): void {
    let node = this.#root;
    for (const level of filter.split('/')) node = node.childAt(level);
    node.add(value);
  }

  remove(filter: string, value: V): void {
    removeFrom(this.#root, filter.split('/'), 0, value);
  }

  /** All values whose filter matches. A new array: handlers may add and remove while it is walked. */
  match(topic: string): V[] {
    const found: V[] = [];
    // Nobody has a session that outlasts its connection, mostly: that is asked for each message.
    if (this.#root.isEmpty) return found;
    collect(this.#root, topic.split('/'), 0, hiddenFromWildcards(topic), found);
    return found;
  }
}

/** Takes empty branches out on the way back, so that a client that subscribes and leaves leaves nothing behind. */
function removeFrom<V extends object>(
  node: Node<V>,
  levels: readonly string[],
  depth: number,
  value: V,
): void {
  const level = levels[depth];
  if (level === undefined) {
    node.remove(value);
    return;
  }
  const child = node.child(level);
  if (child === undefined) return;
  removeFrom(child, levels, depth + 1, value);
  if (child.isEmpty) node.removeChild(level);
}

function collect<V extends object>(
  node: Node<V>,
  levels: readonly string[],
  depth: number,
  noWild: boolean,
  found: V[],
): void {
  const wild = depth > 0 || !noWild;
  if (wild) node.child('#')?.collect(found);
  const level = levels[depth];
  if (level === undefined) {
    node.collect(found);
    return;
  }
  const any = wild ? node.child('+') : undefined;
  if (any !== undefined) collect(any, levels, depth + 1, noWild, found);
  const exact = node.child(level);
  if (exact !== undefined) collect(exact, levels, depth + 1, noWild, found);
}
