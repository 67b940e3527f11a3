// What clients made up, out of a data folder and through the commands that print it: no line of theirs, nothing for a terminal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { runToEnd } from '../../support/gateway-process.js';
import { openStore, sampleOf } from '../store/open-store.js';

const EVIL = 'a\u001b]0;x\u0007b\nfake \u009b2J';
const TAMED = 'a\\u001b]0;x\\u0007b\\u000afake \\u009b2J';
/** Of the lines themselves, but for their ends and tabs. */
const CONTROLS = /(?![\t\n])\p{Cc}/u;

test('logbook, history and dead-letters print what clients made up as words on one line', async (t) => {
  const { store, dataDir } = await openStore(t, { clock: new SystemClock() });
  const ts = Date.now();
  const gateway = 'greenhouse';
  await store.logbook.note({
    ...{ kind: 'command', ts, gateway, device: 'tank-1', name: 'pump', id: EVIL, status: 'done', ms: 1 },
    by: { client: EVIL },
  });
  await store.logbook.note({
    kind: 'event',
    ts,
    gateway,
    name: EVIL,
    device: 'tank-1',
    detail: { [EVIL]: 1 },
  });
  await store.outbox.append([sampleOf(0, { ts, values: { [EVIL]: EVIL } }), sampleOf(1, { ts })]);
  await store.outbox.settle([], [{ position: 2, reason: EVIL }]);
  await store.stop();
  for (const [command, lines] of [
    ['logbook', 2],
    ['logbook --json', 2],
    ['history tank-1 --last 1h', 2],
    ['dead-letters', 1],
    ['dead-letters --json', 1],
  ] as const) {
    const { code, output } = await runToEnd(t, [...command.split(' '), '--data', dataDir]);
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, CONTROLS);
    assert.equal(output.trimEnd().split('\n').length, lines, output);
    if (command.endsWith('--json')) for (const line of output.trimEnd().split('\n')) JSON.parse(line);
    else assert.ok(output.includes(TAMED), output);
  }
});
