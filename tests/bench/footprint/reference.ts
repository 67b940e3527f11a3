// The yardstick: what a gateway without a promise is. A broker, a queue around the real i2c-bus, a timer a device; no store, no
// check, no log, no second process. Arguments: devices, interval in ms.
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import i2c from 'i2c-bus';
import PQueue from 'p-queue';
import { FAKED_BUS_NUMBER } from '../../support/faked-i2c-dev.js';
import { FIRST_ADDRESS, READ_BYTES, topicOf } from './plan.js';

const [devices = 8, everyMs = 100] = process.argv.slice(2).map(Number);
const broker = await Aedes.createBroker();
const bus = await i2c.openPromisified(FAKED_BUS_NUMBER);
const queue = new PQueue({ concurrency: 1 });

function publish(topic: string, message: object): void {
  const payload = Buffer.from(JSON.stringify(message));
  const packet = { cmd: 'publish', qos: 0, dup: false, retain: false, topic, payload } as const;
  broker.publish(packet, (error?: Error | null) => {
    if (error) throw error;
  });
}

async function poll(device: number): Promise<void> {
  const bytes = Buffer.alloc(READ_BYTES);
  // One transaction, as the gateway's.
  await bus.readI2cBlock(FIRST_ADDRESS + device, 0, READ_BYTES, bytes);
  const [a, b, c, d] = [0, 2, 4, 6].map((at) => bytes.readUInt16LE(at));
  publish(topicOf(device, 'telemetry'), { ts: Date.now(), values: { a, b, c, d } });
}

async function command(payload: Buffer): Promise<void> {
  const { id, args } = JSON.parse(payload.toString()) as { id: string; args: { a: number } };
  await bus.i2cWrite(FIRST_ADDRESS, 2, Buffer.of(1, args.a));
  publish(topicOf(0, 'reply/cmd'), { id, status: 'done' });
}

broker.subscribe(
  topicOf(0, 'command/cmd'),
  ({ payload }, done) => {
    void queue.add(() => command(Buffer.from(payload)), { priority: 1 });
    done();
  },
  () => undefined,
);
for (let device = 0; device < devices; device += 1) {
  let waits = false;
  setInterval(() => {
    if (waits) return;
    waits = true;
    void queue.add(() => poll(device)).finally(() => (waits = false));
  }, everyMs);
}
const server = createServer({ noDelay: true }, (socket) => {
  broker.handle(socket);
}).listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`  MQTT      mqtt://127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}`);
});
process.once('SIGTERM', () => process.exit(0));
