// What an error means for who sent the command: was it tried, or never run?
import type { ErrorCode, GatewayError } from '../shared/errors.js';
import type { ReplyStatus } from '../shared/messages.js';

/** Codes that mean the command never reached the wire: it was rejected, not tried. */
const NEVER_RAN: ReadonlySet<ErrorCode> = new Set(['queue_full', 'closed', 'overdue', 'too_large']);

/** `rejected` promises that nothing was done: the same command may be sent again, and runs then. */
export function statusOf(error: GatewayError): ReplyStatus {
  if (error.code === 'expired') return 'expired';
  return error.untried || NEVER_RAN.has(error.code) ? 'rejected' : 'failed';
}
