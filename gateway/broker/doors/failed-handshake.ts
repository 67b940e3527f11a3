// The line of a TLS handshake that failed, of both doors with TLS: a client that does not trust the certificate tries on.
import type { RepeatedLines } from '../../logging/repeated-lines.js';

export function sayFailedHandshake(lines: RepeatedLines, address: string | undefined, err: Error): void {
  const { code, message } = err as NodeJS.ErrnoException;
  // OpenSSL begins its message with a number of the thread.
  lines.say('info', address, { address, reason: message }, 'a TLS handshake failed', code ?? message);
}
