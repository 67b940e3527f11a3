// The user a client's certificate names: its CN, as with Mosquitto's use_identity_as_username.
import type { TLSSocket } from 'node:tls';

/** Undefined without TLS, without a certificate, and where no authority of ours has signed it. */
export function certificateUserOf(socket: Partial<TLSSocket>): string | undefined {
  if (socket.authorized !== true) return undefined;
  const name = socket.getPeerCertificate?.().subject.CN;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
