// Every numbered statement of MQTT 3.1.1 (its appendix B) is a test, is shown by the test of another, or is not the
// server's. Only the numbers are here: the sentences are the standard's.
import { test } from 'node:test';
import { assertEachHasItsPlace } from '../../../support/mqtt/coverage.js';

/** Section → how many statements it has. */
const STATEMENTS: Readonly<Record<string, number>> = {
  ...{ '1.5.3': 3, '2.2.2': 2, '2.3.1': 7 },
  ...{ '3.1.0': 2, '3.1.2': 24, '3.1.3': 11, '3.1.4': 5, '3.2.0': 1, '3.2.2': 6 },
  ...{ '3.3.1': 12, '3.3.2': 3, '3.3.4': 1, '3.3.5': 2, '3.6.1': 1 },
  ...{ '3.8.1': 1, '3.8.3': 4, '3.8.4': 6, '3.9.3': 2, '3.10.1': 1, '3.10.3': 2, '3.10.4': 6 },
  ...{ '3.12.4': 1, '3.14.1': 1, '3.14.4': 3 },
  ...{ '4.1.0': 2, '4.3.1': 1, '4.3.2': 2, '4.3.3': 2, '4.4.0': 1, '4.5.0': 2, '4.6.0': 6 },
  ...{ '4.7.1': 3, '4.7.2': 1, '4.7.3': 4, '4.8.0': 2, '6.0.0': 4, '7.0.0': 2, '7.1.1': 2, '7.1.2': 2 },
};

/** Statement → the one whose test shows it as well. */
const SHOWN_WITH: Readonly<Record<string, string>> = {
  ...{ '2.2.2-1': '2.2.2-2', '3.6.1-1': '2.2.2-2', '4.8.0-1': '2.2.2-2' },
  ...{ '2.3.1-4': '4.4.0-1', '2.3.1-5': '4.3.3-2', '2.3.1-6': '3.3.4-1', '2.3.1-7': '3.8.4-5' },
  ...{ '3.1.2-4': '3.2.2-2', '3.1.2-5': '4.4.0-1', '3.1.2-7': '3.3.1-8', '3.1.2-9': '3.1.2-8' },
  ...{ '3.1.2-11': '3.1.2-13', '3.1.2-16': '3.1.2-8', '3.1.3-2': '3.1.4-2', '3.1.3-9': '3.1.3-8' },
  ...{ '3.1.4-1': '3.1.2-3', '3.1.4-3': '3.1.2-6', '3.1.4-4': '3.2.0-1' },
  ...{ '3.2.2-3': '3.2.2-2', '3.2.2-4': '3.1.3-8', '3.2.2-5': '3.1.3-8', '3.2.2-6': '3.1.2-3' },
  ...{ '3.3.1-6': '3.3.1-8', '3.3.1-10': '3.3.1-11', '3.3.2-1': '3.3.1-8', '3.3.2-3': '4.7.1-2' },
  ...{ '3.8.3-2': '4.7.1-2', '3.8.4-1': '3.8.4-5', '3.8.4-2': '3.8.4-5', '3.8.4-4': '3.8.4-5' },
  ...{ '3.9.3-1': '3.8.4-5', '3.9.3-2': '3.8.4-5', '3.10.4-1': '3.10.4-2', '3.10.4-4': '3.10.4-5' },
  ...{ '3.14.4-3': '3.1.2-10', '4.1.0-1': '3.2.2-2', '4.1.0-2': '3.2.2-2', '4.3.1-1': '4.3.3-2' },
  ...{ '4.3.2-1': '4.4.0-1', '4.3.2-2': '3.3.4-1', '4.3.3-1': '4.4.0-1', '4.5.0-1': '4.4.0-1' },
  ...{ '4.6.0-1': '4.4.0-1', '4.6.0-5': '4.6.0-6' },
  ...{ '4.7.3-2': '1.5.3-2', '4.7.3-4': '4.7.1-3' },
};

/** Statement → the file whose tests show it, without its number. */
const SHOWN_IN: Readonly<Record<string, string>> = {
  '3.3.5-2': 'tests/gateway/broker/rights/rights.test.ts',
  ...{
    '6.0.0-1': 'tests/gateway/web/mqtt-websocket.test.ts',
    '6.0.0-2': 'tests/gateway/web/mqtt-websocket.test.ts',
  },
  ...{
    '6.0.0-4': 'tests/gateway/web/mqtt-websocket.test.ts',
    '7.1.1-2': 'tests/gateway/broker/delivery/delivery.test.ts',
  },
};

/** What a client has to do, or to send. */
const THE_CLIENTS = [
  ...['2.3.1-2', '2.3.1-3', '3.1.2-12', '3.1.2-18', '3.1.2-19', '3.1.2-20', '3.1.2-21', '3.1.2-23'],
  ...['3.1.3-1', '3.1.3-3', '3.1.3-7', '3.3.1-2', '3.14.4-1', '3.14.4-2', '4.5.0-2', '4.7.3-3', '6.0.0-3'],
  ...['7.1.2-1', '7.1.2-2'],
];

/** Of the server, and nothing that a test could see fail: faults inside it, its being a client too, extensions. */
const NOT_TESTABLE = ['4.8.0-2', '7.0.0-1', '7.0.0-2', '7.1.1-1'];

void test('each numbered statement of MQTT 3.1.1 has its place, and one only', async () => {
  const all = Object.entries(STATEMENTS).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, index) => `${section}-${String(index + 1)}`),
  );
  await assertEachHasItsPlace('conformance', all, {
    shownWith: SHOWN_WITH,
    shownIn: SHOWN_IN,
    others: [...THE_CLIENTS, ...NOT_TESTABLE],
  });
});
