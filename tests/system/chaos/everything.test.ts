// Gateway, outside broker and store server killed with -9 at random, with commands and samples under way: every sample
// that the gateway acknowledged is in the store once, its own ones have no gap, every acknowledged command has one answer
// and was on the wire once at most. By hand: EVERYTHING_CHAOS_ROUNDS=200, and CHAOS_SEED=… for the same order again.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, type Sample } from '../../../shared/sample.js';
import type { MongoServer } from '../../support/mongo/processes.js';
import { findFerretDb, NO_FERRETDB } from '../../support/mongo/server.js';
import { startMosquitto, withoutMosquitto, type Mosquitto } from '../../support/mqtt/mosquitto.js';
import { Random } from '../../support/random.js';
import { ReplyObserver } from '../../support/mqtt/reply-observer.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';
import { ChaosClient, ChaosListener } from './chaos-clients.js';
import { outcomes, untilAnswered, wrong } from './command-reckoning.js';
import { CommandStorm, ROOT } from './command-storm.js';
import { doubled, gaps } from './reckoning.js';
import { eager, faked, killed, started, starter } from './storm-gateway.js';
import { mongoStored, type StoredSample } from './stored.js';
import { startTakenWitness, type Taken } from './taken-witness.js';

const ROUNDS = Number(process.env['EVERYTHING_CHAOS_ROUNDS'] ?? 0);
/** Four rounds take a minute and a half: not in every run. */
const skip = ROUNDS === 0 ? 'by hand, with EVERYTHING_CHAOS_ROUNDS=200' : withoutMosquitto;
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const timeout = 240_000 + ROUNDS * 20_000;
const SETTLE_WITHIN_MS = 60_000;
const OWN_DEVICES = ['one', 'two'];
const LONGEST_BETWEEN_MS = 1000;
/** In so many of four rounds a second one is killed beside the first. */
const TWO_OF_FOUR = 1;

type Victim = 'gateway' | 'broker' | 'server';
const VICTIMS: readonly Victim[] = ['gateway', 'broker', 'server'];

test('gateway, Mosquitto and the store server killed', { timeout, skip }, async (t) => {
  const server = await findFerretDb();
  if (server?.restart === undefined) {
    t.skip(NO_FERRETDB);
    return;
  }
  t.after(() => server.stop());
  await chaos(t, server, server.restart);
});

async function chaos(t: TestContext, server: MongoServer, restart: () => Promise<void>): Promise<void> {
  const folder = await temporaryFolder(t);
  const dev = await faked(t, folder);
  if (dev === undefined) return;
  const broker = await startMosquitto(t, eager);
  const witness = await startTakenWitness(t, broker.port);
  const uri = server.uri('everything');
  const start = await starter(t, {
    ...{ folder, port: broker.port, afterRestart: 'reject', brokerUrl: witness.url },
    env: { ...dev.env, MONGODB_URI: `${uri}?directConnection=true` },
  });
  let gateway = await started(start());
  const driver = new Random(SEED);
  const { storms, clients, listener, observer } = await sourcesAt(t, broker);
  const sources = [...storms, ...clients];
  for (const source of sources) source.start();
  const kill: Readonly<Record<Victim, () => Promise<void>>> = {
    gateway: async () => {
      await killed(gateway);
      gateway = start();
      // In the middle of its start, too.
      if (driver.int(3) === 0) {
        await sleep(driver.int(2000));
        await killed(gateway);
        gateway = start();
      }
      await started(gateway);
    },
    broker: async () => {
      await broker.kill();
      await sleep(driver.int(500));
      await broker.start();
    },
    server: restart,
  };
  const kills = await strike(driver, kill);
  t.diagnostic(`${String(ROUNDS)} rounds (CHAOS_SEED=${String(SEED)}), killed: ${kills}`);
  for (const source of sources) await source.stop();
  const asked = await untilAnswered(storms, observer);
  // A new process delivers at once, where the old one may pause for half a minute.
  await kill.gateway();
  const promised = new Set([...samplesOf(witness.acknowledged), ...ownOf([...listener.seen.keys()])]);
  const store = mongoStored(t, uri);
  await store.settle([...promised]);
  const { child, output } = gateway;
  child.kill('SIGTERM');
  await until('the gateway to stop', () => child.exitCode !== null, SETTLE_WITHIN_MS);
  const unorderly =
    child.exitCode === 0 ? [] : [`exit code ${String(child.exitCode)}: ${output().slice(-30000)}`];
  const found = await store.samples('');
  const sent = clients.flatMap((client) => [...client.acknowledged]);
  const wrongSamples = samplesWrong(t, { found, promised, sent });
  const commands = storms.flatMap((storm) => storm.sent).filter(({ acknowledged }) => acknowledged);
  const wrongCommands = wrong(commands, observer, dev.writes(), true);
  const answered = commands.filter(({ id }) => observer.has(id ?? ''));
  t.diagnostic(
    `commands: ${String(commands.length)} acknowledged, ${String(answered.length)} answered, ${String(asked)} asked ` +
      `again for want of an answer, ${String(wrongCommands.length)} wrong; ${outcomes(commands, observer)}`,
  );
  assert.deepEqual([...wrongSamples, ...wrongCommands, ...unorderly], []);
}

interface Sources {
  readonly storms: readonly CommandStorm[];
  readonly clients: readonly ChaosClient[];
  readonly listener: ChaosListener;
  readonly observer: ReplyObserver;
}

async function sourcesAt(t: TestContext, { port, url }: Mosquitto): Promise<Sources> {
  const random = new Random(SEED + 1);
  const observer = new ReplyObserver(t, url, ROOT);
  await observer.ready;
  const isAnswered = (id: string): boolean => observer.has(id);
  const storms = [1, 2].map(
    (index) => new CommandStorm(t, { port, random, index, withNameless: false, isAnswered }),
  );
  const clients = ['north', 'east'].map((name) => new ChaosClient(t, url, name, random, { root: ROOT }));
  return { storms, clients, listener: new ChaosListener(t, url, ROOT), observer };
}

interface Samples {
  readonly found: readonly StoredSample[];
  /** What the gateway acknowledged, and what of its own a subscriber saw. */
  readonly promised: ReadonlySet<string>;
  /** What Mosquitto acknowledged to the clients. */
  readonly sent: readonly string[];
}

/** A sentence for each sample that is not as promised; at most 20. */
function samplesWrong(t: TestContext, { found, promised, sent }: Samples): string[] {
  const stored = new Set(found.map(({ identity }) => identity));
  const own = found.filter(({ identity }) => ownOf([identity]).length > 0);
  const boots = new Set(own.map(({ identity }) => identity.slice(0, identity.indexOf('/'))));
  const lost = [...promised].filter((identity) => !stored.has(identity));
  // Mosquitto acknowledges at once and saves every second: what it forgot when it was killed was never the gateway's.
  const forgotten = sent.filter((identity) => !stored.has(identity) && !promised.has(identity));
  t.diagnostic(
    `samples: ${String(promised.size)} acknowledged by the gateway or seen of its own, ${String(found.length)} stored, ` +
      `${String(lost.length)} lost, ${String(doubled(found).length)} twice; Mosquitto acknowledged ${String(sent.length)} ` +
      `and forgot ${String(forgotten.length)} of them; own ${String(own.length)} of ${String(boots.size)} boots, ` +
      `${String(gaps(own).length)} gaps`,
  );
  return [...lost.map((identity) => `lost: ${identity}`), ...doubled(found), ...gaps(own)].slice(0, 20);
}

function ownOf(identities: readonly string[]): string[] {
  return identities.filter((identity) => OWN_DEVICES.includes(identity.split('/')[1] ?? ''));
}

/** Resolves with how often each was killed. */
async function strike(driver: Random, kill: Readonly<Record<Victim, () => Promise<void>>>): Promise<string> {
  const counts = { gateway: 0, broker: 0, server: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(driver.int(LONGEST_BETWEEN_MS));
    const first = driver.of(VICTIMS);
    const second = driver.of(VICTIMS.filter((victim) => victim !== first));
    const victims = driver.int(4) < TWO_OF_FOUR ? [first, second] : [first];
    for (const victim of victims) counts[victim] += 1;
    await Promise.all(victims.map((victim) => kill[victim]()));
    if (round % 20 === 0) console.error(`chaos: round ${String(round)}`);
  }
  return VICTIMS.map((victim) => `${victim} ${String(counts[victim])}`).join(', ');
}

/** The identities of the samples among them. */
function samplesOf(taken: readonly Taken[]): Set<string> {
  return new Set(
    taken.flatMap(({ topic, text }) => {
      const [, , , device = '', kind] = topic.split('/');
      return kind === 'telemetry' ? [identityOf({ ...(JSON.parse(text) as Sample), device })] : [];
    }),
  );
}
