// What a connection to an outside broker needs to know, and why it takes nothing more.
import { GatewayError } from '../../../shared/errors.js';
import type { Clock, Log } from '../../../shared/ports.js';
import type { StatusWords } from './presence/presence.js';

export interface OutsideBrokerOptions {
  /** mqtt://user:password@host:port, mqtts://…, ws://… */
  readonly url: string;
  /** Stable: the broker keeps the session under it. */
  readonly clientId: string;
  /** Published retained: `offline` by the broker when the connection breaks, `online` at every connection. */
  readonly status: StatusWords;
  readonly log: Log;
  readonly clock: Clock;
  readonly retry?: { readonly firstMs: number; readonly mostMs: number };
}

export function stopped(): GatewayError {
  return new GatewayError('closed', 'the connection to the outside broker is stopped');
}

export function unreachable(): GatewayError {
  return new GatewayError('broker_unreachable', 'the outside broker is not connected and the gateway stops');
}
