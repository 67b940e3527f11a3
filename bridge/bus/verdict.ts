// What a transaction's caller is told of it, by its record: nothing is `failed` that was never on the wire, nothing `rejected`
// that was.
import { GatewayError, type ErrorCode } from '../../shared/errors.js';
import type { Passage } from '../../shared/passage.js';

/** What nobody can say of a transaction that had no wire. */
const OF_THE_WIRE: ReadonlySet<ErrorCode> = new Set(['no_ack', 'timeout', 'bus_fault']);

/** `error` as the end of this transaction. */
export function verdictOn(passage: Passage, error: GatewayError): GatewayError {
  if (passage.wasOnTheWire)
    return error.untried ? new GatewayError('bus_fault', error.message, { cause: error }) : error;
  if (error.untried) return error;
  if (!OF_THE_WIRE.has(error.code)) return error.asUntried();
  const message = `This transaction stood behind another and never began: ${error.message}`;
  return new GatewayError('overdue', message, { cause: error });
}

/** What it is told when its time is over. */
export function outOfTime(passage: Passage, deadlineMs: number): GatewayError {
  const late = `within ${String(deadlineMs)} ms`;
  return passage.isOutOfHand
    ? new GatewayError('timeout', `The transaction did not end ${late}.`)
    : new GatewayError('overdue', `The transaction did not get its turn ${late} and was not run.`);
}

/** A record tells of one transaction: nobody would be told the end of a second. */
export function usedUp(passage: Passage | undefined): GatewayError | undefined {
  if (passage?.isOver !== true) return undefined;
  return new GatewayError('internal', 'This record is that of a transaction which has ended.');
}

/** What a conversation is told that has to end. */
export function wentBefore(): GatewayError {
  return new GatewayError('overdue', 'A safe write of the device went before the rest of this conversation.');
}
