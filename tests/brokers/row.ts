// A row of the table: what a broker was measured to do for each promise.

export const PROMISES = {
  will: 'will on kill',
  offline: 'commands kept while the gateway is away',
  retained: 'retained at `iot/#`',
  oneAnswer: 'one answer',
  retainedCommand: 'retained command refused',
  gatewayKilled: 'recorded of acknowledged, gateway killed',
  gatewayAway: 'gateway away 20 s',
  brokerKilled: 'broker killed (`kill -9`)',
  queue: 'kept for a session that is away',
  recorderAlone: 'recorder alone beside it',
} as const;

export type PromiseId = keyof typeof PROMISES;

export interface Cell {
  readonly kept: boolean;
  /** What was counted or seen, in a few words. */
  readonly text: string;
}

export type Cells = Readonly<Record<PromiseId, Cell>>;

export interface Row {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** ISO 8601, the day of the measurement. */
  readonly date: string;
  readonly cells: Cells;
}

/** `997 of 1000`, kept when it is all and more than none. */
export function share(kept: number, of: number, more = ''): Cell {
  return { kept: kept === of && of > 0, text: `${String(kept)} of ${String(of)}${more}` };
}
