// Boards with pumps on one wire, which may jam or hang: what the operator's devices are on.
import { GatewayError } from '../../shared/errors.js';
import type { WireBehaviour } from '../support/bus/kernel-wire.js';
import { PumpBoard } from './pump-board.js';

/** The whole wire for a while. */
export type WireTrouble =
  /** Somebody holds the data line: each transaction fails at once. */
  | 'jammed'
  /** Somebody holds the clock: what is on the wire stays there. */
  | 'hangs';

export class PumpWire {
  readonly boards: readonly PumpBoard[];
  readonly #firstAddress: number;
  #trouble: WireTrouble | undefined;
  #letGo: () => void = () => undefined;
  #held: Promise<void> | undefined;

  constructor(count: number, firstAddress: number, nowMs: () => number) {
    this.#firstAddress = firstAddress;
    this.boards = Array.from({ length: count }, () => new PumpBoard(nowMs));
  }

  get trouble(): WireTrouble | undefined {
    return this.#trouble;
  }

  set trouble(trouble: WireTrouble | undefined) {
    this.#trouble = trouble;
    if (trouble === 'hangs')
      this.#held ??= new Promise((resolve) => {
        this.#letGo = resolve;
      });
    else {
      this.#letGo();
      this.#held = undefined;
    }
  }

  readonly behaviour: WireBehaviour = (transaction) => {
    if (this.#trouble === 'jammed') return { takesMs: 1, error: new GatewayError('bus_fault', 'jammed') };
    const board = this.boards[transaction.address - this.#firstAddress];
    if (board === undefined) return { takesMs: 1, error: new GatewayError('no_ack', 'nobody') };
    if (this.#held === undefined) return board.behaviour(transaction);
    // The target had acted, or not; nobody will know.
    const error = new GatewayError('timeout', 'held');
    return { ...board.behaviour(transaction), until: this.#held, error };
  };
}
