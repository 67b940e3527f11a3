// The topics of retained messages as a tree, walked by all filters of a SUBSCRIBE at once: it costs the topics that can
// match, not topics times filters.

interface TopicNode {
  children: Map<string, TopicNode> | undefined;
  /** The whole topic, where a message is kept for it, and when it came. */
  topic: string | undefined;
  bornAt: number;
}

/** Of the filters: what may follow at this level. */
interface FilterNode {
  readonly exact: Map<string, FilterNode>;
  any: FilterNode | undefined;
  /** `#`: what is here, and all below. */
  isRest: boolean;
  isEnd: boolean;
}

/** Steps of a walk in one turn: about a millisecond. */
const MOST_STEPS = 5000;

interface Walk {
  readonly startedAt: number;
  steps: number;
}

export class RetainedTopics {
  readonly #root = newTopic();
  #age = 0;

  add(topic: string): void {
    let node = this.#root;
    for (const level of topic.split('/')) {
      node.children ??= new Map();
      let child = node.children.get(level);
      if (child === undefined) node.children.set(level, (child = newTopic()));
      node = child;
    }
    node.topic = topic;
    node.bornAt = ++this.#age;
  }

  remove(topic: string): void {
    const levels = topic.split('/');
    const path = [this.#root];
    for (const level of levels) {
      const child = path.at(-1)?.children?.get(level);
      if (child === undefined) return;
      path.push(child);
    }
    const last = path.at(-1);
    if (last !== undefined) last.topic = undefined;
    for (let depth = levels.length; depth > 0; depth--) {
      const node = path[depth];
      if (node?.topic !== undefined || (node?.children?.size ?? 0) > 0) return;
      path[depth - 1]?.children?.delete(levels[depth - 1] ?? '');
    }
  }

  /**
   * Topics that any of the filters matches, each once; undefined now and then, where others should have their turn. One
   * that comes while it is walked is left out: who subscribed has it already.
   */
  *matching(filters: readonly string[]): Generator<string | undefined> {
    yield* this.#below(this.#root, [treeOf(filters)], { startedAt: this.#age, steps: 0 }, true);
  }

  *#below(
    node: TopicNode,
    states: readonly FilterNode[],
    walk: Walk,
    isRoot = false,
  ): Generator<string | undefined> {
    const { topic, bornAt } = node;
    if (topic !== undefined && bornAt <= walk.startedAt && states.some(matchesHere)) yield topic;
    for (const level of levelsBelow(node, states)) {
      walk.steps += states.length;
      if (walk.steps > MOST_STEPS) {
        walk.steps = 0;
        yield undefined;
      }
      const child = node.children?.get(level);
      if (child === undefined) continue;
      // A topic that starts with `$` is not matched by a filter that starts with a wildcard [MQTT-4.7.2-1].
      const next = statesAt(states, level, !(isRoot && level.startsWith('$')));
      if (next.length > 0) yield* this.#below(child, next, walk);
    }
  }
}

function newTopic(): TopicNode {
  return { children: undefined, topic: undefined, bornAt: 0 };
}

function newFilter(): FilterNode {
  return { exact: new Map(), any: undefined, isRest: false, isEnd: false };
}

function treeOf(filters: readonly string[]): FilterNode {
  const root = newFilter();
  for (const filter of filters) {
    let node = root;
    for (const level of filter.split('/')) {
      if (level === '#') {
        node.isRest = true;
        break;
      }
      if (level === '+') node = node.any ??= newFilter();
      else {
        let child = node.exact.get(level);
        if (child === undefined) node.exact.set(level, (child = newFilter()));
        node = child;
      }
    }
    // Behind `#` nothing follows: it stands for the level above as well [MQTT-4.7.1-2].
    if (!filter.endsWith('#')) node.isEnd = true;
  }
  return root;
}

function matchesHere({ isEnd, isRest }: FilterNode): boolean {
  return isEnd || isRest;
}

/** Where no filter has a wildcard here, its own levels are looked up, however many topics there are. */
function levelsBelow({ children }: TopicNode, states: readonly FilterNode[]): Iterable<string> {
  if (children === undefined) return [];
  if (states.some(({ any, isRest }) => any !== undefined || isRest)) return children.keys();
  const [only] = states;
  if (states.length === 1 && only !== undefined) return only.exact.keys();
  return new Set(states.flatMap(({ exact }) => [...exact.keys()]));
}

const EVERYTHING: FilterNode = { ...newFilter(), isRest: true };

function statesAt(states: readonly FilterNode[], level: string, isWild: boolean): readonly FilterNode[] {
  const next: FilterNode[] = [];
  for (const { exact, any, isRest } of states) {
    if (isRest && isWild) return [EVERYTHING];
    const same = exact.get(level);
    if (same !== undefined) next.push(same);
    if (any !== undefined && isWild) next.push(any);
  }
  return next;
}
