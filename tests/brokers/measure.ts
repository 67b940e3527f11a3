// One broker's row: one story with a real gateway, real clients and kills, from which every promise is read.
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, type RecordedSample } from '../../shared/sample.js';
import type { BrokerKind } from './broker-kind.js';
import { brokerKilledCell, killBroker, withoutGap } from './broker-killed.js';
import {
  awayCell,
  oneAnswer,
  retainCommand,
  retainedCell as refusedCell,
  sendWhileAway,
} from './commands.js';
import { queueCell } from './queue.js';
import { findRetained, retainedCell } from './retained.js';
import { share, type Cell, type Cells } from './row.js';
import { startBroker } from './running-broker.js';
import { PROBE, Sender } from './sender.js';
import { buildSite, says, type Site } from './site.js';

export interface Pace {
  /** How long the gateway is away in order. */
  readonly awayMs: number;
  /** How many messages are sent to a session that is away, to see its bound. */
  readonly queue: number;
}

const UNDER_LOAD_MS = 1500;
/** However long the gateway takes to come back: fewer than any broker of the table keeps for a session that is away. */
const MEANWHILE = 500;
const WILL_LIMIT_MS = 10_000;
const AWAY_COMMANDS = 20;

export async function measure(t: TestContext, kind: BrokerKind, { awayMs, queue }: Pace): Promise<Cells> {
  /** For who waits at the terminal: a row takes minutes. */
  const step = async <T>(what: string, work: (site: Site) => Promise<T>): Promise<T> => {
    console.error(`${kind.id}: ${what}`);
    return work(site);
  };
  const site = await buildSite(t, await startBroker(t, kind));
  const queued = await step('a full queue', async (at) => queueCell(at, queue));
  await step('the gateway starts', async () => site.startGateway());
  const retained = retainedCell(await step('retained messages', findRetained));
  const one = await step('one command three times', oneAnswer);
  await step('a retained command', retainCommand);
  const killed = await step('the gateway is killed under load', killUnderLoad);
  const will = await step('the gateway is killed', willOnKill);
  const sent = await step('commands meanwhile', async () => sendWhileAway(site, AWAY_COMMANDS));
  await step('the gateway is back', async () => site.startGateway());
  const offline = await step('their answers', async () => awayCell(site, sent));
  const away = await step('the gateway is away', async () => goAway(site, awayMs));
  const broker = await step('the broker is killed under load', killBroker);
  await step('what waits arrives', async () => site.settled());
  await site.endGateway('SIGTERM');
  await site.recorder.end('SIGTERM');

  const recorded = await site.recorded(PROBE);
  const alone = await site.recorded(PROBE, site.recorder.dataDir);
  const own = withoutGap(await site.recorded('tank-1'));
  return {
    will,
    offline,
    retained,
    oneAnswer: one,
    retainedCommand: await refusedCell(site),
    gatewayKilled: recordedOf(killed, recorded),
    gatewayAway: recordedOf(away, recorded),
    brokerKilled: brokerKilledCell(broker, recordedOf(broker.sender, recorded), own),
    queue: queued,
    recorderAlone: aloneCell([killed, away, broker.sender], alone),
  };
}

/** Started again at once, while a client goes on publishing. */
async function killUnderLoad(site: Site): Promise<Sender> {
  const sender = new Sender(site.t, site.broker.url, 'gateway-killed');
  sender.start(100);
  await sleep(UNDER_LOAD_MS);
  sender.allow(MEANWHILE);
  await site.endGateway('SIGKILL');
  await site.startGateway();
  sender.allow(Infinity);
  await sleep(UNDER_LOAD_MS);
  await sender.stop();
  return sender;
}

/** The gateway stays away. */
async function willOnKill(site: Site): Promise<Cell> {
  const from = site.watcher.received.length;
  const start = performance.now();
  await site.endGateway('SIGKILL');
  const will = await site.seenWithin(from, WILL_LIMIT_MS, says('status', '"state":"offline"'));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  return will === undefined
    ? { kept: false, text: `not within ${String(WILL_LIMIT_MS / 1000)} s` }
    : { kept: true, text: `after ${seconds} s` };
}

/** An orderly stop, and back after a while. */
async function goAway(site: Site, awayMs: number): Promise<Sender> {
  const sender = new Sender(site.t, site.broker.url, 'gateway-away');
  await site.endGateway('SIGTERM');
  sender.start(50);
  await sleep(awayMs);
  await sender.stop();
  await site.startGateway();
  return sender;
}

function recordedOf({ acknowledged }: Sender, recorded: readonly RecordedSample[]): Cell {
  const stored = new Set(recorded.map((sample) => identityOf({ ...sample, device: PROBE })));
  return share(acknowledged.filter((identity) => stored.has(identity)).length, acknowledged.length);
}

/** What was acknowledged before the broker was killed, and what after: a broker that forgets loses only of the last. */
function aloneCell(senders: readonly Sender[], recorded: readonly RecordedSample[]): Cell {
  const cells = senders.map((sender) => recordedOf(sender, recorded));
  const texts = cells.map(({ text }) => text).join(', ');
  return { kept: cells.every(({ kept }) => kept), text: texts };
}
