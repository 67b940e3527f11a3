// Where a client connects from, for the log.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import type { Socket } from 'node:net';

/** Of a connection that just came. */
export function streamAddress(stream: Duplex, request: IncomingMessage | undefined): string | undefined {
  return request?.socket.remoteAddress ?? (stream as Partial<Socket>).remoteAddress;
}

/** Of the WebSocket's request, or of the TCP socket; undefined when it is gone. */
export function addressOf(client: Client | null): string | undefined {
  if (client === null) return undefined;
  return client.req?.socket.remoteAddress ?? (client.conn as Partial<Socket>).remoteAddress;
}
