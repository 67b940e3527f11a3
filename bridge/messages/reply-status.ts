// What an error means for who sent the command: was it tried, or never run?
import type { GatewayError } from '../../shared/errors.js';
import type { ReplyStatus } from '../../shared/messages.js';

/** `rejected` promises that nothing was done: the same command may be sent again, and runs then. */
export function statusOf(error: GatewayError): ReplyStatus {
  if (error.code === 'expired') return 'expired';
  return error.untried ? 'rejected' : 'failed';
}
