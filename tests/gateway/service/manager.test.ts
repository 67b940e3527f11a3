// What systemd is told, by its own tool, at a socket like its own.
import assert from 'node:assert/strict';
import { env } from 'node:process';
import { test } from 'node:test';
import { ServiceManager } from '../../../gateway/service/manager.js';
import { FakeClock } from '../../support/fake-clock.js';
import { openNotifySocket, withoutSystemd } from '../../support/notify-socket.js';
import { RecordingLog } from '../../support/recording-log.js';
import { until } from '../../support/waiting.js';

const PID = 4711;

interface Made {
  readonly manager: ServiceManager;
  readonly clock: FakeClock;
  readonly log: RecordingLog;
}

function made(more: Readonly<Record<string, string>>): Made {
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  const manager = ServiceManager.of({ env: { PATH: env['PATH'], ...more }, pid: PID, clock, log });
  assert.ok(manager);
  return { manager, clock, log };
}

test('nobody is told where nobody asked', () => {
  const options = { pid: PID, clock: new FakeClock(), log: new RecordingLog() };
  assert.equal(ServiceManager.of({ ...options, env: {} }), undefined);
  assert.equal(ServiceManager.of({ ...options, env: { NOTIFY_SOCKET: '' } }), undefined);
});

test('it is told in the order of what happens', { skip: withoutSystemd }, async (t) => {
  const socket = await openNotifySocket(t);
  const { manager, log } = made({ NOTIFY_SOCKET: socket.path });
  await Promise.all([
    manager.ready('live'),
    manager.reloading(),
    manager.ready('live again'),
    manager.stopping(),
  ]);
  assert.deepEqual(
    socket.said().map((words) => words.replace(/\d{6,}/, 'USEC')),
    ['READY=1 STATUS=live', 'RELOADING=1 MONOTONIC_USEC=USEC', 'READY=1 STATUS=live again', 'STOPPING=1'],
  );
  assert.deepEqual(log.lines, []);
});

test(
  'the watchdog is fed as long as everything answers, and not any more',
  { skip: withoutSystemd },
  async (t) => {
    const socket = await openNotifySocket(t);
    const { manager, clock, log } = made({ NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '30000000' });
    let proof: () => Promise<void> = () => Promise.resolve();
    const end = manager.feedWatchdog(() => proof());
    await until('the first', () => socket.said().length === 1);
    await clock.advance(10_000);
    await until('the second', () => socket.said().length === 2);
    proof = () => Promise.reject(new Error('the store is gone'));
    await clock.advance(10_000);
    let answer = (): void => undefined;
    proof = () => new Promise((resolve) => (answer = resolve));
    await clock.advance(30_000);
    assert.equal(log.messages('error').length, 3);
    answer();
    await until('the third', () => socket.said().length === 3);
    end();
    await clock.advance(60_000);
    assert.equal(clock.waiting, 0);
    await manager.stopping();
    assert.deepEqual(socket.said(), ['WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1']);
  },
);

test('a watchdog of another process is not fed, nor one that was not asked for', async () => {
  const notMine = { NOTIFY_SOCKET: '/nowhere', WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' };
  for (const more of [
    notMine,
    { NOTIFY_SOCKET: '/nowhere' },
    { NOTIFY_SOCKET: '/nowhere', WATCHDOG_USEC: 'x' },
  ]) {
    const { manager, clock } = made(more);
    let asked = 0;
    manager.feedWatchdog(() => {
      asked += 1;
      return Promise.resolve();
    });
    await clock.advance(60_000);
    assert.deepEqual([asked, clock.waiting], [0, 0]);
  }
});

test('where it can’t be told that is said once, and nothing else happens', async () => {
  const { manager, log } = made({ NOTIFY_SOCKET: '/nowhere/notify', PATH: '/nowhere' });
  await manager.ready('live');
  await manager.stopping();
  assert.equal(log.messages('warn').length, 1);
});
