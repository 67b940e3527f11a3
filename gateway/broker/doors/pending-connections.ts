// Connections that have not said who they are: a bound of their own, so that whoever only opens sockets keeps nobody out.
// The oldest goes first: who means it says CONNECT, or asks for a page, at once.
import type { Server, Socket } from 'node:net';

interface Endable {
  destroy(): unknown;
}

export class PendingConnections<K> {
  readonly #most: number;
  readonly #waiting = new Map<K, Endable>();
  #evicted = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Connections that were ended to make room. */
  get evicted(): number {
    return this.#evicted;
  }

  add(key: K, connection: Endable): void {
    this.#waiting.set(key, connection);
    for (const [oldest, other] of this.#waiting) {
      if (this.#waiting.size <= this.#most) return;
      this.#waiting.delete(oldest);
      this.#evicted++;
      other.destroy();
    }
  }

  has(key: K): boolean {
    return this.#waiting.has(key);
  }

  /** It has said who it is, or is gone. */
  settle(key: K): void {
    this.#waiting.delete(key);
  }
}

/** Of a socket, or of the TLS socket around it. */
export function placeOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${String(remotePort)}`;
}

/** Bounds the connections of a server that were opened and have said nothing; `settle` those that have, by their place. */
export function boundSilent(server: Server, most: number): PendingConnections<string> {
  const pending = new PendingConnections<string>(most);
  server.on('connection', (socket: Socket) => {
    const place = placeOf(socket);
    pending.add(place, socket);
    socket.once('close', () => {
      pending.settle(place);
    });
  });
  return pending;
}
