// What the gateway and the process of a bus say to each other: transactions with a number, each answered once, in order.
import type { ErrorCode } from '../../../shared/errors.js';
import type { I2cTransaction } from '../../../shared/ports.js';

export interface NumberedTransaction {
  readonly id: number;
  readonly transaction: I2cTransaction;
}

/** Said after the last transaction: close the bus and end; answered by the process's exit. */
export const CLOSE = 'close';
export type ToBusProcess = NumberedTransaction | typeof CLOSE;

/** A GatewayError as data: serializing would keep neither its class nor its code. */
export interface WireFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly cause?: string;
  readonly untried?: boolean;
}

export type BusAnswer =
  | { readonly id: number; readonly bytes: Uint8Array }
  | { readonly id: number; readonly failure: WireFailure };

export type FromBusProcess = 'ready' | { readonly openFailed: WireFailure } | BusAnswer;
