// Between the gateway and its broker: what was handed to the gateway, and what of it the gateway acknowledged. What the
// broker forgot before is not among it.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { packetsIn, type RawPacket } from '../../support/mqtt/raw-packets.js';

export interface Taken {
  readonly topic: string;
  readonly text: string;
}

export interface TakenWitness {
  readonly url: string;
  /** Every message of QoS 1 that the gateway acknowledged, each as often as it did. */
  readonly acknowledged: readonly Taken[];
}

const [PUBLISH, PUBACK, CONNECT] = [3, 4, 1];
/** The level of the protocol in CONNECT, behind its name. */
const LEVEL_AT = 6;
const MQTT_5 = 5;

export async function startTakenWitness(t: Pick<TestContext, 'after'>, port: number): Promise<TakenWitness> {
  const acknowledged: Taken[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (gateway) => {
    const broker = connect({ host: '127.0.0.1', port, noDelay: true });
    for (const socket of [gateway, broker]) {
      sockets.add(socket);
      // Both ends are killed all the time.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        gateway.destroy();
        broker.destroy();
      });
    }
    observe(gateway, broker, acknowledged);
    gateway.pipe(broker);
    broker.pipe(gateway);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `mqtt://127.0.0.1:${String((server.address() as AddressInfo).port)}`, acknowledged };
}

/** An acknowledgement counts when it has come this far: the gateway had sent it. */
function observe(gateway: Socket, broker: Socket, acknowledged: Taken[]): void {
  const handed = new Map<number, Taken>();
  let isFive = false;
  eachPacket(gateway, ({ type, body }) => {
    if (type === CONNECT) isFive = body[LEVEL_AT] === MQTT_5;
    if (type !== PUBACK) return;
    const id = body.readUInt16BE(0);
    const taken = handed.get(id);
    handed.delete(id);
    if (taken !== undefined) acknowledged.push(taken);
  });
  eachPacket(broker, ({ type, flags, body }) => {
    if (type !== PUBLISH || (flags & 6) === 0) return;
    const topicEnd = 2 + body.readUInt16BE(0);
    // Properties of less than 128 bytes have a length of one.
    const textAt = topicEnd + 2 + (isFive ? 1 + (body[topicEnd + 2] ?? 0) : 0);
    handed.set(body.readUInt16BE(topicEnd), {
      topic: body.toString('utf8', 2, topicEnd),
      text: body.toString('utf8', textAt),
    });
  });
}

function eachPacket(socket: Socket, hear: (packet: RawPacket) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (const packet of packetsIn(rest)) {
      rest = rest.subarray(packet.body.byteOffset - rest.byteOffset + packet.body.length);
      hear(packet);
    }
  });
}
