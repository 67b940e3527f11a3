// A broker as one that speaks MQTT 3.1.1 alone: who begins with 5 is told so as such a broker does.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { startBroker } from './embedded-broker.js';

/** CONNACK of 3.1.1: unacceptable protocol version. */
const NOT_THIS_VERSION = Buffer.from([0x20, 2, 0, 1]);
/** A CONNECT's level, behind its name, where the length before is one byte. */
const LEVEL_AT = 8;

export async function startOldBroker(t: Pick<TestContext, 'after'>): Promise<{ readonly url: string }> {
  const { port } = await startBroker(t);
  return { url: `mqtt://127.0.0.1:${String(await refusingFive(t, port))}` };
}

/** A port that leads to the broker at `port`, by MQTT 3.1.1 alone. */
export async function refusingFive(t: Pick<TestContext, 'after'>, port: number): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (hello: Buffer) => {
      const isLong = ((hello[1] ?? 0) & 0x80) !== 0;
      if (hello[LEVEL_AT + (isLong ? 1 : 0)] === 5) {
        socket.end(NOT_THIS_VERSION);
        return;
      }
      const behind = connect({ host: '127.0.0.1', port, noDelay: true });
      behind.on('error', () => socket.destroy());
      behind.on('close', () => socket.destroy());
      socket.on('close', () => behind.destroy());
      behind.write(hello);
      socket.pipe(behind).pipe(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}
