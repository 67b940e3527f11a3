// Opens a listening socket, or says in one sentence why it cannot. Beyond loopback nothing is opened while there are no
// users: closed by default (docs/promises.md, 7).
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { isLoopback } from '../../../shared/config/loopback.js';
import { GatewayError } from '../../../shared/errors.js';

export interface Endpoint {
  /** `localhost`, 127.x.x.x or ::1, unless it is guarded. */
  readonly host: string;
  /** Nobody gets in without a user: then it may be opened beyond loopback. */
  readonly guarded?: boolean;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** Resolves with the real port. Rejects with address_in_use or listen_failed, naming `what`, host and port. */
export async function listen(server: Server, endpoint: Endpoint, what: string): Promise<number> {
  const { host, port } = endpoint;
  if (!isLoopback(host) && endpoint.guarded !== true) {
    throw new GatewayError(
      'listen_failed',
      `${what} is not opened on ${host}: without users only loopback is. Set users.password_file, or use 127.0.0.1.`,
    );
  }
  try {
    const listening = once(server, 'listening');
    server.listen({ host, port, exclusive: true });
    await listening;
  } catch (cause) {
    throw listenError(cause, endpoint, what);
  }
  return (server.address() as AddressInfo).port;
}

function listenError(cause: unknown, { host, port }: Endpoint, what: string): GatewayError {
  const at = `${host}:${String(port)}`;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  if (code === 'EADDRINUSE') {
    const message = `${what} cannot use ${at}: another program has that port. Stop it or choose another port.`;
    return new GatewayError('address_in_use', message, { cause });
  }
  const hint =
    code === 'EACCES' ? 'ports below 1024 need a privilege; choose a higher one.' : 'check host and port.';
  return new GatewayError('listen_failed', `${what} cannot be opened on ${at} (${code}): ${hint}`, { cause });
}
