// A trace of everything is one message: with many devices each has fewer transactions in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Traces } from '../../../bridge/trace/traces.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { encodeJson } from '../../../shared/messages.js';
import { FakeClock } from '../../support/fake-clock.js';

const DEVICES = 40;
const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types: { thing: { samples: [{ every: 1m, read: 1, fields: { a: { type: uint8 } } }] } }
devices:
${Array.from({ length: DEVICES }, (_, n) => `  d${String(n)}: { type: thing, bus: main, address: ${String(n + 8)} }`).join('\n')}
`;
const NOTED = { priority: 'poll', restMs: 0, ts: 1, waitedMs: 0, ms: 1, outcome: Uint8Array.of(1) } as const;

test('of all devices together at most 1000 transactions are told, of one alone all that is kept', () => {
  const { devices } = parseConfig(YAML, 'test.yaml');
  const traces = new Traces(devices, new FakeClock());
  for (const id of devices.keys())
    for (let n = 0; n < 120; n += 1) traces.of(id).note({ ...NOTED, transaction: { readLength: 1 } });
  const lengths = (asked: unknown): number[] =>
    Object.values(traces.answer(asked).devices).map(({ length }) => length);
  assert.deepEqual(lengths({ last: 100 }), Array(DEVICES).fill(25));
  assert.deepEqual(lengths({ last: 7 }), Array(DEVICES).fill(7));
  assert.deepEqual(lengths({ device: 'd3', last: 1000 }), [100]);
});

test('of more than the broker takes in a message the newest are told, and how many are left out', () => {
  const { devices } = parseConfig(YAML, 'test.yaml');
  const traces = new Traces(devices, new FakeClock());
  for (let n = 0; n < 25; n += 1)
    for (const id of devices.keys()) traces.of(id).note({ ...NOTED, ts: n, transaction: { readLength: 1 } });
  const answer = traces.answer({ last: 25 }, () => 8092);
  assert.ok(encodeJson(answer).length < 8092, String(encodeJson(answer).length));
  const told = Object.values(answer.devices).flat();
  assert.equal(told.length + (answer.leftOut ?? 0), 25 * DEVICES);
  assert.equal(told.at(-1)?.ts, 24);
  assert.ok(told.length > 20);
});
