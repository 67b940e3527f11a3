// A wait may be configured: setTimeout ends one of more than 2^31 ms after 1 ms. The Clock port's `after` waits in parts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, sourceFiles } from '../support/repository.js';

/** Where a bare timer is: the clock itself, and waits that are constants or bounded by the schema. */
const BARE: Readonly<Record<string, string>> = {
  'gateway/process/system-clock.ts': 'waits in parts',
  'gateway/store/sqlite/group-commit.ts': 'recorder.commit_every is at most 1h',
  'gateway/store/thread/thread.ts': 'recorder.flush_within is at most 1h',
  'gateway/cli/users/file-turn.ts': 'a constant',
  'gateway/broker/doors/held-connections.ts': 'a constant',
  'gateway/cli/run/signals.ts': 'a constant',
  'gateway/web/page/live/ticks.ts': 'constants, in a browser, where there is no other clock',
};

test('no bare timer takes a configured duration', () => {
  const product = sourceFiles().filter((path) => !path.startsWith('tests/'));
  const bare = product.filter((path) => /\b(setTimeout|setInterval)\b/.test(code(read(path))));
  assert.deepEqual(bare.toSorted(), Object.keys(BARE).toSorted());
});

function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
