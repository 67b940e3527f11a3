// An embedded broker with its journal, started again and again on the same or a copied folder, and clients that leave
// sessions behind.
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { BrokerJournal } from '../../../gateway/broker/journal/journal.js';
import type { BrokerLimits } from '../../../gateway/broker/mqtt/limits.js';
import { startBroker, type TestBroker } from './embedded-broker.js';
import type { FakeClock } from '../fake-clock.js';
import { connectPacket, openRaw, subscribePacket, type RawConnection } from './raw-mqtt.js';
import { packetsIn } from './raw-packets.js';
import { RecordingLog } from '../recording-log.js';
import { temporaryFolder } from '../temporary-folder.js';
import { until } from '../waiting.js';

export interface Run extends TestBroker {
  readonly journal: BrokerJournal;
  readonly path: string;
  /** What is in the file. */
  written(): Promise<string>;
  stop(): Promise<void>;
}

export async function startRun(
  t: TestContext,
  dataDir: string,
  clock: FakeClock,
  limits: Partial<BrokerLimits> = {},
): Promise<Run> {
  const journal = new BrokerJournal({ dataDir, clock, log: new RecordingLog() });
  const started = await startBroker(t, limits, { anonymous: true, clock }, 'direct', { journal });
  const path = join(dataDir, 'broker.journal');
  return {
    ...started,
    ...{ journal, path },
    written: async () => readFile(path, 'utf8'),
    stop: async () => {
      await started.broker.door.stop();
      // The fake clock's deadlines do not come by themselves.
      let isStopped = false;
      const stopping = started.broker.stop().finally(() => (isStopped = true));
      await until('the stop', () => {
        void clock.advance(100);
        return isStopped;
      });
      await stopping;
    },
  };
}

/** As a kill leaves it: nothing of the orderly stop is in it. */
export async function killed(t: TestContext, { path }: Run): Promise<string> {
  const folder = await temporaryFolder(t);
  await copyFile(path, join(folder, 'broker.journal'));
  return folder;
}

export async function connectRaw(
  t: TestContext,
  { port }: Run,
  name: string,
  clean = false,
): Promise<RawConnection> {
  const connection = await openRaw(t, port);
  connection.send(connectPacket(name, { clean }));
  await connection.bytes(4);
  return connection;
}

export async function leave(connection: RawConnection, { broker }: Run): Promise<void> {
  const before = broker.stats().clients;
  connection.socket.destroy();
  await until('it is gone', () => broker.stats().clients < before);
}

/** A session with a subscription, whose client has left. */
export async function absent(t: TestContext, run: Run, name: string, filter = 'q/#'): Promise<void> {
  const client = await connectRaw(t, run, name);
  client.send(subscribePacket(filter, 1));
  await client.bytes(9);
  await leave(client, run);
}

export function count({ received }: RawConnection, type: number): number {
  return packetsIn(received).filter((packet) => packet.type === type).length;
}

export async function say(run: Run, topic: string, payload: Buffer | string): Promise<void> {
  await run.broker.bus.publish({ topic, payload: Buffer.from(payload), qos: 1, retain: false });
}
