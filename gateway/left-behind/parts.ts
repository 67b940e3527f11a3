// What a retained message had many of, and what of it is gone: who reads the message may have been away when it went, so it is
// remembered over restarts.
import type { RetainedTopic } from '../../bridge/messages/retained-topics.js';

/** Of all topics; the ones that have been gone the longest are forgotten first. */
const MOST_GONE = 2000;

type PartsByTopic = Readonly<Record<string, readonly string[]>>;

export interface Parts {
  readonly gone: ReadonlyMap<string, readonly string[]>;
  /** For the next start: what is there and what is gone; undefined where there is neither. */
  readonly kept: Record<string, string[]> | undefined;
}

export function partsOf(expected: readonly RetainedTopic[], earlier: PartsByTopic = {}): Parts {
  const now = new Map(
    expected.flatMap(({ topic, parts }) => (parts === undefined ? [] : [[topic, parts] as const])),
  );
  const gone = new Map<string, readonly string[]>();
  let room = MOST_GONE;
  for (const [topic, before] of Object.entries(earlier)) {
    const there = new Set(now.get(topic));
    const missing = before.filter((part) => !there.has(part)).slice(0, room);
    room -= missing.length;
    if (missing.length > 0) gone.set(topic, missing);
  }
  // What is there stands first, and so what goes next does: the file is read in this order.
  const topics = [...now.keys(), ...[...gone.keys()].filter((topic) => !now.has(topic))];
  const kept = topics.map((topic) => [topic, [...(now.get(topic) ?? []), ...(gone.get(topic) ?? [])]]);
  return {
    gone,
    kept: kept.length === 0 ? undefined : (Object.fromEntries(kept) as Record<string, string[]>),
  };
}
