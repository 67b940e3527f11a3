// A day of the schedule, in simulated time: nothing drifts and nothing is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sample } from '../../../shared/sample.js';
import { pollerWorld } from '../../support/bus/poller-world.js';

const HOUR_MS = 3_600_000;
const INTERVALS = { 'half-1': 30_000, 'half-2': 30_000, 'odd-1': 21_007 } as const;

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  half:
    rest: 2ms
    samples: [{ every: 30s, write: [0x10], read: 2, fields: { level: { type: uint16le } } }]
  odd:
    samples: [{ every: 21007ms, write: [0x11], read: 2, fields: { level: { type: uint16le } } }]
devices:
  half-1: { type: half, bus: main, address: 0x08 }
  half-2: { type: half, bus: main, address: 0x09 }
  odd-1: { type: odd, bus: main, address: 0x0a }
`;

test('24 hours of polls: each at its time, none lost, none twice', async (t) => {
  const { clock, poller, said } = await pollerWorld(t, YAML, ({ write }) => ({
    takesMs: write?.[0] === 0x11 ? 9 : 2,
    bytes: [1, 0],
  }));
  await poller.start();
  for (let hour = 0; hour < 24; hour += 1) await clock.advance(HOUR_MS);
  for (const [device, everyMs] of Object.entries(INTERVALS)) {
    const samples = said(`device/${device}/telemetry`) as unknown as Sample[];
    // The first is read at once; the schedule has the others.
    const [, first, ...others] = samples;
    assert.ok(first);
    assert.deepEqual(
      samples.map(({ seq }) => seq),
      samples.map((_, index) => index),
    );
    const offMs = others.map(({ ts }, index) => ts - (first.ts + (index + 1) * everyMs));
    // At most what the other two take on the wire.
    const worst = Math.max(...offMs.map(Math.abs));
    assert.ok(worst <= 20, `${device} was off by ${String(worst)} ms`);
    // One poll may be on the wire when the day ends.
    const due = Math.floor((24 * HOUR_MS) / everyMs) - 1;
    assert.ok(samples.length - 1 >= due, `${device}: ${String(samples.length - 1)} of ${String(due)} polls`);
    const { missed, failures } = poller.health()[device] ?? {};
    assert.deepEqual([missed, failures], [0, 0]);
  }
});
