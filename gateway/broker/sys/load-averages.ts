// Moving averages as Mosquitto computes them (src/sys_tree.c, calc_load): of what came since the last update as so much a
// minute, weighted exponentially over 1, 5 and 15 minutes, so that a load that stays comes near its value from below.

/** What is averaged, by the names below `$SYS/broker/load/`. */
export interface Loaded {
  readonly 'messages/received': number;
  readonly 'messages/sent': number;
  readonly 'publish/dropped': number;
  readonly 'publish/received': number;
  readonly 'publish/sent': number;
  readonly 'bytes/received': number;
  readonly 'bytes/sent': number;
  readonly sockets: number;
  readonly connections: number;
}

export const WINDOWS = { '1min': 60, '5min': 300, '15min': 900 } as const;

export type Load = Readonly<Record<keyof typeof WINDOWS, number>>;
/** In a minute. */
export type Loads = Readonly<Record<keyof Loaded, Load>>;

export class LoadAverages {
  readonly #read: () => Loaded;
  #last: Loaded;
  #loads: Loads;

  /** `read`: the counters as they stand; they only grow. */
  constructor(read: () => Loaded) {
    this.#read = read;
    this.#last = read();
    this.#loads = eachOf(this.#last, () => eachWindow(() => 0));
  }

  get now(): Loads {
    return this.#loads;
  }

  /** Takes what came in the last `seconds` in. */
  update(seconds: number): void {
    if (seconds <= 0) return;
    const [counts, before, loads] = [this.#read(), this.#last, this.#loads];
    this.#last = counts;
    this.#loads = eachOf(counts, (name) => {
      const aMinute = ((counts[name] - before[name]) * 60) / seconds;
      return eachWindow((window) => {
        const weight = Math.exp(-seconds / WINDOWS[window]);
        return aMinute + weight * (loads[name][window] - aMinute);
      });
    });
  }
}

function eachOf(loaded: Loaded, make: (name: keyof Loaded) => Load): Loads {
  const names = Object.keys(loaded) as (keyof Loaded)[];
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<keyof Loaded, Load>;
}

function eachWindow(make: (window: keyof Load) => number): Load {
  return { '1min': make('1min'), '5min': make('5min'), '15min': make('15min') };
}
