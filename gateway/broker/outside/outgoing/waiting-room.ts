// What waits for an outside broker: in the order it came, each kind within a bound of its own, so that none of them
// costs another its place.
import type { Message } from '../../../../shared/ports.js';

export const KINDS = ['samples', 'replies', 'states', 'notices'] as const;
export type Kind = (typeof KINDS)[number];

export interface Entry {
  readonly message: Message;
  readonly settle: (error?: Error) => void;
  /** Times that the connection ended while it was under way, and it may have been the cause. */
  suspected: number;
}

export interface KindStats {
  /** Those that are under way included. */
  readonly waiting: number;
  readonly bytes: number;
  /** Since the start: what did not fit. */
  readonly lost: number;
}

export type Queues = Readonly<Record<Kind, KindStats>>;

interface Bound {
  readonly messages: number;
  readonly bytes: number;
  /** Whether the oldest makes room; else the new one is refused. */
  readonly oldestGoes: boolean;
}

const MB = 1024 * 1024;

/**
 * Samples are recorded, and events are in the logbook, so there the newest count. Who asked is answered before who asks
 * next, and a single answer may have 2 MB. Of a state only the newest of its topic waits.
 */
export const BOUNDS: Readonly<Record<Kind, Bound>> = {
  samples: { messages: 10_000, bytes: 4 * MB, oldestGoes: true },
  replies: { messages: 2000, bytes: 16 * MB, oldestGoes: false },
  states: { messages: 20_000, bytes: 8 * MB, oldestGoes: false },
  notices: { messages: 1000, bytes: MB, oldestGoes: true },
};

/** Told of an entry that goes out of the room without having been sent. */
type OnGone = (entry: Entry, why: 'lost' | 'replaced') => void;

interface Place {
  entry: Entry;
}

class Queue {
  /** By turn, in their order. */
  readonly places = new Map<number, Place>();
  /** Of states: the turn of the newest of a topic. */
  readonly newest = new Map<string, number>();
  waiting = 0;
  bytes = 0;
  lost = 0;
}

export class WaitingRoom {
  readonly #bounds: Readonly<Record<Kind, Bound>>;
  readonly #onGone: OnGone;
  readonly #queues: Readonly<Record<Kind, Queue>> = {
    samples: new Queue(),
    replies: new Queue(),
    states: new Queue(),
    notices: new Queue(),
  };
  /** What was under way on a lost connection: it comes first on the next one. */
  #again: Entry[] = [];
  #turn = 0;

  constructor(onGone: OnGone, bounds: Readonly<Record<Kind, Bound>> = BOUNDS) {
    this.#onGone = onGone;
    this.#bounds = bounds;
  }

  /** With what was taken out and has not left. */
  get size(): number {
    return KINDS.reduce((sum, kind) => sum + this.#queues[kind].waiting, 0);
  }

  queues(): Queues {
    const of = (kind: Kind): KindStats => {
      const { waiting, bytes, lost } = this.#queues[kind];
      return { waiting, bytes, lost };
    };
    return { samples: of('samples'), replies: of('replies'), states: of('states'), notices: of('notices') };
  }

  /** False where there is no room for it. `newestOnly`: of a topic's states one waits, the newest. */
  add(entry: Entry, newestOnly: boolean): boolean {
    const kind = kindOf(entry.message);
    const queue = this.#queues[kind];
    const old = newestOnly && kind === 'states' ? this.#placeOf(entry.message.topic) : undefined;
    if (!this.#makeRoom(kind, entry, old?.entry)) {
      queue.lost++;
      return false;
    }
    queue.waiting++;
    queue.bytes += costOf(entry);
    if (old === undefined) {
      queue.places.set(++this.#turn, { entry });
      if (kind === 'states') queue.newest.set(entry.message.topic, this.#turn);
    } else {
      // It keeps its predecessor's place: moved back each time, a busy one would never go out.
      this.#gone(old.entry, 'replaced');
      old.entry = entry;
    }
    return true;
  }

  /** The next to be sent. It counts until `leave`. */
  take(): Entry | undefined {
    const again = this.#again.shift();
    if (again !== undefined) return again;
    let first: { readonly queue: Queue; readonly turn: number; readonly entry: Entry } | undefined;
    for (const queue of Object.values(this.#queues)) {
      const [head] = queue.places;
      if (head !== undefined && (first === undefined || head[0] < first.turn))
        first = { queue, turn: head[0], entry: head[1].entry };
    }
    if (first === undefined) return undefined;
    const { queue, turn, entry } = first;
    queue.places.delete(turn);
    const { topic } = entry.message;
    if (queue.newest.get(topic) === turn) queue.newest.delete(topic);
    return entry;
  }

  /** What was taken and could not be sent comes first again; a state of which a newer one waits does not. */
  putBack(entries: readonly Entry[]): void {
    const newest = new Map(entries.map((entry) => [entry.message.topic, entry]));
    const isOld = (entry: Entry): boolean => {
      const { topic } = entry.message;
      if (kindOf(entry.message) !== 'states') return false;
      return this.#queues.states.newest.has(topic) || newest.get(topic) !== entry;
    };
    const all = [...entries, ...this.#again];
    this.#again = all.filter((entry) => !isOld(entry));
    for (const entry of all.filter(isOld)) this.#gone(entry, 'replaced');
  }

  /** It was taken and has been settled. */
  leave(entry: Entry): void {
    const queue = this.#queues[kindOf(entry.message)];
    queue.waiting--;
    queue.bytes -= costOf(entry);
  }

  /** Takes all out. */
  empty(): Entry[] {
    const all: Entry[] = [];
    for (let entry = this.take(); entry !== undefined; entry = this.take()) all.push(entry);
    for (const entry of all) this.leave(entry);
    return all;
  }

  #placeOf(topic: string): Place | undefined {
    const { newest, places } = this.#queues.states;
    const turn = newest.get(topic);
    return turn === undefined ? undefined : places.get(turn);
  }

  #makeRoom(kind: Kind, entry: Entry, replaced: Entry | undefined): boolean {
    const queue = this.#queues[kind];
    const { messages, bytes, oldestGoes } = this.#bounds[kind];
    const [less, lessBytes] = replaced === undefined ? [0, 0] : [1, costOf(replaced)];
    const isFull = (): boolean =>
      queue.waiting - less >= messages || queue.bytes - lessBytes + costOf(entry) > bytes;
    while (isFull()) {
      const [first] = oldestGoes ? queue.places : [];
      if (first === undefined) return false;
      queue.places.delete(first[0]);
      queue.lost++;
      this.#gone(first[1].entry, 'lost');
    }
    return true;
  }

  #gone(entry: Entry, why: 'lost' | 'replaced'): void {
    this.leave(entry);
    this.#onGone(entry, why);
  }
}

export function kindOf({ kind, retain }: Message): Kind {
  if (retain) return 'states';
  if (kind === undefined) return 'notices';
  return kind === 'sample' ? 'samples' : 'replies';
}

/** What it takes in memory, roughly. */
function costOf({ message: { topic, payload } }: Entry): number {
  return Buffer.byteLength(topic) + payload.length + 100;
}
