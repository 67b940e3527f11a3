// The embedded broker in a process of its own, to be measured: prints its ports, TCP and WebSocket, as JSON.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { EmbeddedBroker } from '../../../gateway/broker/embedded/broker.js';
import { BrokerJournal } from '../../../gateway/broker/journal/journal.js';
import { Doorkeeper } from '../../../gateway/broker/rights/doorkeeper.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { MqttUpgrade } from '../../../gateway/web/mqtt-upgrade.js';
import { Topics } from '../../../shared/topics.js';
import { RecordingLog } from '../../support/recording-log.js';

const [, , passwordFile = '', aclFile = '', dataDir = ''] = process.argv;
const log = new RecordingLog();
const clock = new SystemClock();
const doorkeeper = new Doorkeeper({ passwordFile, aclFile, anonymous: false, clock, log });
const broker = new EmbeddedBroker({
  host: '127.0.0.1',
  port: 0,
  topics: new Topics('iot', 'bench'),
  log,
  clock,
  doorkeeper,
  // All clients of the bench come from one address.
  limits: { maxConnections: 10_000, maxConnectionsPerAddress: 10_000 },
  journal: new BrokerJournal({ dataDir, clock, log }),
  delivery: process.argv.includes('aedes') ? 'aedes' : 'direct',
});
await doorkeeper.start();
await broker.start();
await broker.door.start();
const upgrade = new MqttUpgrade({
  path: '/mqtt',
  maxFrameBytes: 1024 * 1024,
  origins: { allowed: [], anyName: false },
  onSocket: (stream, request) => {
    broker.handle(stream, request);
  },
  log,
});
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
server.on('upgrade', (request, socket, head) => {
  upgrade.handle(request, socket, head);
});
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ tcp: broker.door.port, websocket: port })}\n`);
process.once('SIGINT', () => {
  process.exit(0);
});
