// What answers at an address of the simulated bus. Small and pure: bytes in, bytes out, and the right to refuse either.

export type Direction = 'write' | 'read';

/**
 * A target as the wire sees it: called in the order START (`start`), bytes (`receive` or `send`), STOP (`stop`).
 * A repeated START is a `start` without a `stop` before it. Every call may throw GatewayError `timeout`: the target
 * held the clock longer than the controller waits; the transaction is over then, and no `stop` follows.
 */
export interface SimulatedTarget {
  /** START and the address byte; false: not acknowledged. */
  start(address: number, direction: Direction): boolean;
  /** A byte from the controller; false: not acknowledged. */
  receive(byte: number): boolean;
  /** A byte to the controller, which acknowledges all but the last. A released line reads as FF. */
  send(acknowledged: boolean): number;
  /** STOP. */
  stop(): void;
  /** True while it still holds the clock low after a `timeout`: no transaction is possible on the whole bus. */
  holdsClock(): boolean;
  /** True where it acknowledges what is written to all. */
  readonly hearsGeneralCall?: boolean;
}
