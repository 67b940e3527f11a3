// Commands against kill -9 at any moment: each that was acknowledged has one answer, and none is on the wire twice. The
// wire is a driver outside of all that is killed. By hand: COMMAND_CHAOS_ROUNDS=200, and CHAOS_SEED=… for the same again.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, startMosquitto, withoutMosquitto, type Mosquitto } from '../../support/mqtt/mosquitto.js';
import { Random } from '../../support/random.js';
import { ReplyObserver } from '../../support/mqtt/reply-observer.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';
import { outcomes, untilAnswered, wrong } from './command-reckoning.js';
import { CommandStorm, ROOT } from './command-storm.js';
import { eager, faked, killed, started, starter } from './storm-gateway.js';

const ROUNDS = Number(process.env['COMMAND_CHAOS_ROUNDS'] ?? 5);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const timeout = 180_000 + ROUNDS * 30_000;
const SETTLE_WITHIN_MS = 60_000;

for (const afterRestart of ['reject', 'run'] as const)
  test(`embedded broker, gateway killed, after_restart ${afterRestart}`, { timeout }, async (t) => {
    await chaos(t, { afterRestart, broker: undefined, killsBroker: false });
  });

test('Mosquitto, gateway killed', { timeout, skip: withoutMosquitto }, async (t) => {
  await chaos(t, { afterRestart: 'run', broker: await startMosquitto(t), killsBroker: false });
});

test('Mosquitto, both killed', { timeout, skip: withoutMosquitto }, async (t) => {
  await chaos(t, { afterRestart: 'reject', broker: await startMosquitto(t, eager), killsBroker: true });
});

interface Scene {
  readonly afterRestart: 'reject' | 'run';
  /** Undefined: the embedded one. */
  readonly broker: Mosquitto | undefined;
  readonly killsBroker: boolean;
}

async function chaos(t: TestContext, scene: Scene): Promise<void> {
  const folder = await temporaryFolder(t);
  const dev = await faked(t, folder);
  if (dev === undefined) return;
  const random = new Random(SEED);
  const port = scene.broker?.port ?? (await freePort());
  const start = await starter(t, {
    ...{ folder, port, afterRestart: scene.afterRestart },
    ...{ brokerUrl: scene.broker?.url, env: dev.env },
  });
  let gateway = await started(start());
  const observer = new ReplyObserver(t, `mqtt://127.0.0.1:${String(port)}`, ROOT);
  await observer.ready;
  const withNameless = !scene.killsBroker;
  const isAnswered = (id: string): boolean => observer.has(id);
  const storms = [1, 2].map(
    (index) => new CommandStorm(t, { port, random, index, withNameless, isAnswered }),
  );
  for (const storm of storms) storm.start();
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(random.int(1500));
    if (scene.killsBroker && random.int(2) === 0) {
      await scene.broker?.kill();
      await sleep(random.int(500));
      await scene.broker?.start();
      if (random.int(2) === 0) continue;
    }
    await killed(gateway);
    gateway = start();
    // In the middle of its start, too.
    if (random.int(3) === 0) {
      await sleep(random.int(2500));
      await killed(gateway);
      gateway = start();
    }
    await started(gateway);
  }
  for (const storm of storms) await storm.stop();
  const sent = storms.flatMap((storm) => storm.sent);
  if (scene.killsBroker) await untilAnswered(storms, observer);
  const acknowledged = sent.filter((command) => command.acknowledged && command.id !== undefined);
  await until(
    'an answer to each',
    () => acknowledged.every(({ id }) => observer.has(id ?? '')),
    SETTLE_WITHIN_MS,
  ).catch((thrown: unknown) => {
    // Which of them is said below.
    t.diagnostic(String(thrown));
  });
  t.diagnostic(
    `${String(ROUNDS)} rounds (CHAOS_SEED=${String(SEED)}), ${String(acknowledged.length)} acknowledged with an id, ` +
      `${String(observer.copies)} answers told again to the letter; ${outcomes(acknowledged, observer)}`,
  );
  assert.deepEqual(wrong(sent, observer, dev.writes(), scene.killsBroker), []);
}
