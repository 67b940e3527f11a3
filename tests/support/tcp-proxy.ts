// A wire that tests can cut: stands between a client and a server.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface TcpProxy {
  readonly port: number;
  /** Cuts every connection; new ones are let through. */
  cut(): void;
  /** Lets no new connection through until told otherwise; those that are there stay. */
  refuse(refusing: boolean): void;
  /** Keeps every connection and passes nothing on, as a network does that has gone silent. */
  freeze(): void;
}

export async function startProxy(t: Pick<TestContext, 'after'>, target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let refusing = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Cut connections are what this is for.
    socket.on('error', () => undefined);
  };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer({ noDelay: true }, (near) => {
    keep(near);
    if (refusing) {
      near.destroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: target, noDelay: true });
    keep(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    cut();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    refuse: (next) => {
      refusing = next;
    },
    freeze: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
  };
}
