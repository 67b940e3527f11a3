// The user a client's certificate names: its CN, as with Mosquitto's use_identity_as_username.
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** Undefined without TLS, without a certificate, and where no authority of ours has signed it. */
export function certificateUserOf(socket: Partial<TLSSocket>): string | undefined {
  if (socket.authorized !== true) return undefined;
  // Of a session that TLS 1.3 resumes Node says `authorized` and has no certificate (`{}`): its client says who it is.
  const { subject }: Partial<PeerCertificate> = socket.getPeerCertificate?.() ?? {};
  const name = subject?.CN;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
