// The wall clock may jump: no duration is taken from it. Where two of its times are compared, it is said here why.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, sourceFiles } from '../support/repository.js';

const COMPARED: Readonly<Record<string, string>> = {
  'bridge/commands/bridge.ts': 'a command expires at a time that its sender has given',
  'gateway/broker/sessions/attendance.ts': 'no wall clock: the life of sessions has a clock of its own',
  'gateway/process/clock-sync.ts': 'a clock of before the first release was never set',
  'gateway/left-behind/ledger.ts': 'days, over restarts; a jump makes it look once more or give up early',
  'gateway/store/mongo/keep-claims.ts': 'days, by the clocks of several machines',
  'gateway/doctor/doors.ts': 'a certificate says from when until when it is valid',
  'gateway/tls/pem-files.ts': 'a certificate says until when it is valid',
};

/** `now() - x`, `x - now()`, `now() > x`, and the same of a `nowTs`. */
const DIFFERENCE =
  /(?<!performance\.)\b(?:now\(\)|nowTs)\s*(?:-|[<>]=?)\s*[\w(]|[\w)]\s*(?:-|[<>]=?)\s*(?:[\w#]+\.)*(?:now\(\)|nowTs\b)/;
/** Calls the monotonic clock by its own name. */
const MONOTONIC = /performance\.now\(\)/g;

test('no duration is taken from the wall clock', () => {
  const found = sourceFiles()
    .filter((path) => !path.startsWith('tests/'))
    .filter((path) =>
      code(read(path))
        .split('\n')
        .some((line) => DIFFERENCE.test(line)),
    );
  assert.deepEqual(found.toSorted(), Object.keys(COMPARED).toSorted());
});

function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/=>/g, '')
    .replace(MONOTONIC, 'monotonic');
}
