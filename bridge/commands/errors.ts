// Why a command was not run, or nobody knows whether it was: one sentence for each.
import { GatewayError } from '../../shared/errors.js';

export function interrupted(): GatewayError {
  const message = 'The gateway ended while this command ran; whether the device acted is unknown.';
  return new GatewayError('interrupted', message);
}

export function restarted(): GatewayError {
  const message = 'The gateway was restarted before this command had begun; it was not run. Send it again.';
  return new GatewayError('restarted', message);
}

export function stopping(): GatewayError {
  return new GatewayError('closed', 'The gateway is stopping; the command was not run.');
}

export function expired(expires: number): GatewayError {
  const at = new Date(expires);
  const when = Number.isNaN(at.getTime()) ? String(expires) : at.toISOString();
  return new GatewayError('expired', `The command expired at ${when}, before its turn on the bus.`);
}

/** `holder`: whose id it is. */
export function reusedId(id: string, asked: Named, holder: Named): GatewayError {
  const isSame = asked.device === holder.device && asked.name === holder.name;
  const whose = isSame ? 'this command with other arguments' : `${holder.device}/${holder.name}`;
  const message = `The id ${id} was given to ${whose} a moment ago; this command was not run. Give each command an id of its own, or none.`;
  return new GatewayError('reused_id', message);
}

interface Named {
  readonly device: string;
  readonly name: string;
}
