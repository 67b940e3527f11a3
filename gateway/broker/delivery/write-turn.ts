// Collects who has something to write in this turn of the event loop, and lets each write once at its end. While little
// goes on, the first few write before the turn's end: a lone answer should not wait for company that does not come.

interface Writer {
  /** Bytes that wait for its client. */
  readonly backlog: number;
  flush(): void;
  /** Ends the connection. */
  giveUp(): void;
}

const NOTHING = Buffer.alloc(0);
/** More than this to write to is a message to many: joining with the next one saves more than waiting costs. */
const FEW = 4;
/** Turns without an early write after one that was followed by more in its turn: then there is company. */
const BUSY_TURNS = 32;

export class WriteTurn {
  readonly #maxBacklogBytes: number;
  readonly #behind = new Set<Writer>();
  #writers: Writer[] = [];
  #scheduled = false;
  #busyTurns = 0;
  #lastChunks: readonly Uint8Array[] = [];
  #lastJoined: Uint8Array = NOTHING;

  /** `maxBacklogBytes`: what may wait for all clients together; above it the one with most is ended. */
  constructor(maxBacklogBytes: number) {
    this.#maxBacklogBytes = maxBacklogBytes;
  }

  add(writer: Writer): void {
    this.#writers.push(writer);
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (this.#busyTurns > 0) this.#busyTurns--;
    else process.nextTick(this.#early);
    setImmediate(this.#end);
  }

  /** The writer's client reads slower than it is written to. */
  noteBacklog(writer: Writer): void {
    this.#behind.add(writer);
  }

  /** Clients with the same subscriptions get the same bytes: joined once, and held once when they wait. */
  join(chunks: readonly Uint8Array[], length: number): Uint8Array {
    const [first] = chunks;
    if (first !== undefined && chunks.length === 1) return first;
    if (!same(chunks, this.#lastChunks)) {
      this.#lastChunks = chunks;
      this.#lastJoined = Buffer.concat(chunks, length);
    }
    return this.#lastJoined;
  }

  /** Still in the turn, but no more within whoever added: a writer may lead back into aedes' parser. */
  readonly #early = (): void => {
    if (this.#writers.length <= FEW) this.#flush();
  };

  readonly #end = (): void => {
    this.#scheduled = false;
    if (this.#writers.length > 0) {
      if (this.#busyTurns === 0) this.#busyTurns = BUSY_TURNS;
      this.#flush();
    }
    if (this.#behind.size > 0) this.#boundBacklog();
  };

  #flush(): void {
    const writers = this.#writers;
    this.#writers = [];
    for (const writer of writers) writer.flush();
    this.#lastChunks = [];
    this.#lastJoined = NOTHING;
  }

  #boundBacklog(): void {
    let total = 0;
    let most: Writer | undefined;
    for (const writer of this.#behind) {
      const { backlog } = writer;
      if (backlog === 0) this.#behind.delete(writer);
      total += backlog;
      if (most === undefined || backlog > most.backlog) most = writer;
    }
    if (total <= this.#maxBacklogBytes || most === undefined) return;
    this.#behind.delete(most);
    most.giveUp();
  }
}

function same(one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
