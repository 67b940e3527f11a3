#!/usr/bin/env bash
# p-queue 9.3.5: with `concurrency: 1` and a `timeout`, tasks run side by side.
#
# Guess:   concurrency 1 keeps what is asked for one at a time, whatever else is set: a queue in front of a bus.
# Happens: at its time-out a task's promise rejects and its place is free, but the task itself goes on. The next one
#          starts beside it, and `onIdle()` resolves while it still runs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --prefix . --no-save --silent --no-audit --no-fund p-queue@9.3.5 || exit 2

cat >show.mjs <<'JS'
import assert from 'node:assert/strict';
import PQueue from 'p-queue';

const queue = new PQueue({ concurrency: 1, timeout: 50 });
let running = 0;
let mostAtOnce = 0;
let endFirst;
const first = new Promise((resolve) => (endFirst = resolve));

async function task(end) {
  running += 1;
  mostAtOnce = Math.max(mostAtOnce, running);
  await end;
  running -= 1;
}

const outcomes = await Promise.allSettled([
  queue.add(() => task(first)),
  queue.add(() => task(Promise.resolve())),
]);
await queue.onIdle();
const seen = {
  first: outcomes[0].reason?.name ?? outcomes[0].status,
  second: outcomes[1].status,
  mostAtOnce,
  runningWhenIdle: running,
};
endFirst();
console.log('p-queue 9.3.5, concurrency 1, timeout 50 ms:', seen);
assert.deepEqual(seen, { first: 'TimeoutError', second: 'fulfilled', mostAtOnce: 2, runningWhenIdle: 1 });
JS
node show.mjs
