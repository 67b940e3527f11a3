// Every numbered statement of MQTT 5.0 (its appendix B) is a test, is shown by the test of another, or is not this server's.
// Only the numbers are here: the sentences are the standard's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertEachHasItsPlace } from '../../../support/mqtt/coverage.js';

/** Section → its first and its last number; what its text calls 4.2-1 is 4.2.0-1 in the appendix. */
const STATEMENTS: Readonly<Record<string, readonly [first: number, last: number]>> = {
  ...{ '1.5.4': [1, 3], '1.5.5': [1, 1], '1.5.7': [1, 1], '2.1.3': [1, 1], '2.2.1': [2, 6], '2.2.2': [1, 1] },
  ...{ '3.1.0': [1, 2], '3.1.2': [1, 30], '3.1.3': [1, 12], '3.1.4': [1, 6] },
  ...{ '3.2.0': [1, 2], '3.2.2': [1, 22], '3.3.1': [1, 13], '3.3.2': [1, 20], '3.3.4': [1, 10] },
  ...{ '3.4.2': [1, 3], '3.5.2': [1, 3], '3.6.1': [1, 1], '3.6.2': [1, 3], '3.7.2': [1, 3] },
  ...{ '3.8.1': [1, 1], '3.8.3': [1, 5], '3.8.4': [1, 8], '3.9.2': [1, 2], '3.9.3': [1, 2] },
  ...{ '3.10.1': [1, 1], '3.10.3': [1, 2], '3.10.4': [1, 6], '3.11.2': [1, 2], '3.11.3': [1, 2] },
  ...{ '3.12.4': [1, 1], '3.14.0': [1, 1], '3.14.1': [1, 1], '3.14.2': [1, 4], '3.14.4': [1, 3] },
  ...{ '3.15.1': [1, 1], '3.15.2': [1, 3], '4.1.0': [1, 2], '4.2.0': [1, 1] },
  ...{
    '4.3.1': [1, 1],
    '4.3.2': [1, 5],
    '4.3.3': [1, 13],
    '4.4.0': [1, 2],
    '4.5.0': [1, 2],
    '4.6.0': [1, 6],
  },
  ...{ '4.7.0': [1, 1], '4.7.1': [1, 2], '4.7.2': [1, 1], '4.7.3': [1, 4], '4.8.2': [1, 6], '4.9.0': [1, 3] },
  ...{ '4.12.0': [1, 7], '4.12.1': [1, 2], '4.13.1': [1, 1], '4.13.2': [1, 1], '6.0.0': [1, 4] },
};

/** Statement → the one whose test shows it as well. */
const SHOWN_WITH: Readonly<Record<string, string>> = {
  ...{ '3.1.4-4': '3.1.2-4', '3.2.2-8': '4.12.0-1', '3.5.2-2': '3.4.2-2', '3.9.3-2': '3.8.4-7' },
  ...{ '4.2.0-1': '3.1.4-5', '4.3.2-1': '2.2.1-4', '4.3.2-3': '4.4.0-1', '4.3.2-4': '3.3.4-1' },
  ...{ '4.3.3-1': '2.2.1-4', '4.3.3-3': '4.4.0-1', '4.3.3-8': '3.3.4-1', '4.9.0-1': '3.3.4-9' },
  ...{ '4.12.0-4': '4.12.0-1', '4.13.2-1': '3.2.2-7' },
};

const WEBSOCKET = 'tests/gateway/web/mqtt-websocket.test.ts';
const MESSAGES = 'tests/gateway/broker/version5/messages.test.ts';

/** Statement → the file whose tests show it, without its number. */
const SHOWN_IN: Readonly<Record<string, string>> = {
  '3.1.4-2': 'tests/gateway/broker/rights/rights.test.ts',
  ...{ '3.3.2-5': MESSAGES, '3.3.2-6': MESSAGES },
  '4.1.0-1': 'tests/gateway/broker/version5/sessions.test.ts',
  ...{ '6.0.0-1': WEBSOCKET, '6.0.0-2': WEBSOCKET, '6.0.0-4': WEBSOCKET },
};

/** What a client has to do, or to send. */
const THE_CLIENTS = [
  ...[
    '3.1.2-20',
    '3.1.2-21',
    '3.1.2-30',
    '3.1.3-1',
    '3.2.2-4',
    '3.2.2-5',
    '3.2.2-11',
    '3.2.2-14',
    '3.2.2-15',
  ],
  ...['3.2.2-18', '3.2.2-21', '3.3.2-9', '3.3.2-10', '3.3.4-7', '3.3.4-8', '4.5.0-2'],
  ...['4.6.0-1', '4.6.0-2', '4.6.0-3', '4.6.0-4', '4.12.0-3', '4.12.1-1', '6.0.0-3'],
];

/** Of packets and properties that this server never sends: words and user properties of its own but in a refusal, AUTH. */
const NEVER_SENT = [
  ...['3.2.2-19', '3.2.2-20', '3.4.2-3', '3.5.2-3', '3.6.2-2', '3.6.2-3', '3.7.2-2', '3.7.2-3'],
  ...['3.9.2-1', '3.9.2-2', '3.11.2-1', '3.11.2-2', '3.14.2-3', '3.14.2-4'],
  ...['3.15.2-1', '3.15.2-2', '3.15.2-3', '4.12.0-2', '4.12.0-5', '4.12.1-2'],
];

/** Of a server that lacks a QoS or retained messages; and no string can be longer than its two bytes of length say. */
const NOT_TESTABLE = ['3.2.2-9', '3.2.2-10', '3.2.2-12', '3.2.2-13', '4.7.3-3'];

test('each numbered statement of MQTT 5.0 has its place, and one only', async () => {
  const all = Object.entries(STATEMENTS).flatMap(([section, [first, last]]) =>
    Array.from({ length: last - first + 1 }, (_, index) => `${section}-${String(first + index)}`),
  );
  assert.equal(all.length, 251);
  await assertEachHasItsPlace('conformance5', all, {
    shownWith: SHOWN_WITH,
    shownIn: SHOWN_IN,
    others: [...THE_CLIENTS, ...NEVER_SENT, ...NOT_TESTABLE],
  });
});
