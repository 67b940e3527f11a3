// What is said of the time without an outside broker: one line when messages begin to be lost and one when it is over, with
// counts, and a sentence meanwhile.
import type { Clock, Log } from '../../../../shared/ports.js';
import { KINDS, type Kind, type Queues } from './waiting-room.js';

export interface OutageOptions {
  /** Without credentials. */
  readonly broker: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly queues: () => Queues;
}

export class Outage {
  readonly #options: OutageOptions;
  /** Epoch ms; undefined while there is a connection. */
  #since: number | undefined;
  #lostBefore: Queues | undefined;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#since = this.#options.clock.now();
  }

  /** A message of this kind did not fit. */
  lost(kind: Kind): void {
    const { log, queues, broker } = this.#options;
    if (this.#lostBefore !== undefined) return;
    this.#lostBefore = queues();
    log.warn(
      { broker, kind, queues: queues() },
      `too many ${kind} wait for the outside broker: some are dropped`,
    );
  }

  end(): void {
    const { log, queues, broker } = this.#options;
    const isWorthALine = this.#since !== undefined || this.#lostBefore !== undefined;
    this.#since = undefined;
    const now = queues();
    const waiting = counted(now, 'waiting');
    const lost = this.#lostBefore === undefined ? '' : counted(now, 'lost');
    this.#lostBefore = undefined;
    if (!isWorthALine || waiting + lost === '') return;
    const dropped = lost === '' ? '' : `; since the start ${lost} were dropped`;
    log.info({ broker, queues: now }, `${waiting || 'nothing'} waited for the outside broker${dropped}`);
  }

  /** One sentence while there is no connection. */
  get sentence(): string | undefined {
    const { queues, broker } = this.#options;
    if (this.#since === undefined) return undefined;
    const now = queues();
    const waiting = counted(now, 'waiting') || 'nothing';
    const lost = counted(now, 'lost');
    const away = `The outside broker ${broker} is away since ${new Date(this.#since).toISOString()}`;
    const dropped = lost === '' ? '' : `, and ${lost} did not fit`;
    return `${away}: readings are recorded, commands come by HTTP alone; ${waiting} waits to be published${dropped}.`;
  }
}

/** `12 samples, 1 replies`: those there are. */
function counted(queues: Queues, what: 'waiting' | 'lost'): string {
  return KINDS.filter((kind) => queues[kind][what] > 0)
    .map((kind) => `${String(queues[kind][what])} ${kind}`)
    .join(', ');
}
