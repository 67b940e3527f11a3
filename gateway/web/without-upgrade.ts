// A request that offers a protocol we do not speak (`Upgrade: h2c`, as curl --http2 and Java's HttpClient send it) is answered
// as if it did not [RFC 9110 §7.8]. Node hands over such a connection for good, so it is begun anew.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

const LEFT_OUT = new Set(['upgrade', 'connection', 'http2-settings']);

export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  const offered = (headers.upgrade ?? '').split(',');
  return offered.some((protocol) => protocol.trim().toLowerCase().split('/')[0] === 'websocket');
}

/** What was read is read again, without the offer; a body is heard as ever. Once on a connection. */
export function serveWithoutUpgrade(
  server: Server,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const { method = '', url = '', httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`, 'Connection: close'];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!LEFT_OUT.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[index + 1] ?? ''}`);
  }
  // Node reads headers as Latin-1.
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}
