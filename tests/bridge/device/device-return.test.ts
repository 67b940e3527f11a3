// Who comes (back) is identified and set up before it is read; who is another is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../shared/errors.js';
import { pollerWorld } from '../../support/bus/poller-world.js';
import type { Behaviour } from '../../support/bus/scripted-bus.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  tank:
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] }
    samples: [{ every: 1s, write: [0x10], read: 2, fields: { level: { type: uint16le } } }]
    commands:
      rate:
        args: { hz: { type: uint8, max: 10 } }
        write: [0x30, $hz]
        verify: { write: [0x30], read: 1, equals: $hz }
    on_connect:
      - { write: [0x40, 0x01] }
      - { command: rate, args: { hz: 5 } }
  lamp:
    identify: { write: [0x01], read: 2, expect: [0x4c, 0x01] }
    samples: [{ every: 1s, write: [0x10], read: 2, fields: { light: { type: uint16le } } }]
devices:
  tank-1: { type: tank, bus: main, address: 0x08 }
  lamp-1: { type: lamp, bus: main, address: 0x18 }
`;
const SET_UP = ['01', '4001', '3005', '30'];

/** What a tank answers; lamp-1 is not plugged in. */
const tank: Behaviour = ({ address, write }) => {
  if (address === 0x18) return { error: new GatewayError('no_ack', 'none') };
  if (write?.[0] === 0x01) return { takesMs: 1, bytes: [0x54, 0x02] };
  return { takesMs: 1, bytes: write?.[0] === 0x30 ? [5] : [1, 0] };
};
const dead: Behaviour = () => ({ takesMs: 1, error: new GatewayError('no_ack', 'none') });

test('at the start and at each return a device is identified, then set up, then read; each write is answered', async (t) => {
  const { clock, bus, poller, said } = await pollerWorld(t, YAML, tank);
  const ofTank = (from: number): string[] =>
    bus.seen
      .slice(from)
      .flatMap(({ address, write }) => (address === 0x08 ? [Buffer.from(write ?? []).toString('hex')] : []));
  await poller.start();
  await clock.advance(3500);
  assert.deepEqual(ofTank(0).slice(0, 5), [...SET_UP, '10']);

  bus.behave(dead);
  await clock.advance(10_000);
  const seen = bus.seen.length;
  bus.behave(tank);
  await clock.advance(20_000);
  assert.deepEqual(ofTank(seen).slice(0, 5), [...SET_UP, '10']);
  assert.deepEqual(
    said('device/tank-1/availability').map(({ state }) => state),
    ['online', 'degraded', 'offline', 'online'],
  );
  const raw = said('tank-1/reply/on_connect').map(({ status, by }) => [status, by]);
  assert.deepEqual(raw, [
    ['done', 'on_connect'],
    ['done', 'on_connect'],
  ]);
  assert.deepEqual(said('tank-1/reply/rate')[1]?.['data'], { hz: 5 });
});

test('one missing acknowledgement is enough to identify and set it up again: it may have been a reset', async (t) => {
  const { clock, bus, poller, said } = await pollerWorld(t, YAML, tank);
  await poller.start();
  await clock.advance(1500);
  bus.behave(dead);
  await clock.advance(1000);
  bus.behave(tank);
  await clock.advance(1500);
  assert.equal(said('tank-1/reply/on_connect').length, 2);
  assert.deepEqual(
    said('device/tank-1/availability').map(({ state }) => state),
    ['online', 'degraded', 'online'],
  );
});

test('a device whose set-up fails is not read, and it is tried again', async (t) => {
  let refuse = true;
  const { clock, poller, said, written } = await pollerWorld(t, YAML, (transaction) => {
    const isCheck = transaction.write?.[0] === 0x30 && transaction.readLength === 1;
    return isCheck && refuse ? { takesMs: 1, bytes: [9] } : tank(transaction);
  });
  await poller.start();
  await clock.advance(5000);
  assert.ok(!written().includes('10'), 'it was read though it was not set up');
  const [first] = said('device/tank-1/availability');
  assert.deepEqual([first?.['state'], first?.['reason']], ['degraded', 'verify_failed']);
  assert.match(String(first?.['message']), /read back 09 instead of 05/);
  refuse = false;
  await clock.advance(10_000);
  assert.equal(said('device/tank-1/availability').at(-1)?.['state'], 'online');
  assert.ok(written().includes('10'));
});

test('another Arduino in its place is named in availability, event and log, with the bytes seen', async (t) => {
  const { clock, bus, poller, said, log } = await pollerWorld(t, YAML, tank);
  await poller.start();
  await clock.advance(1500);
  bus.behave(dead);
  await clock.advance(8000);
  bus.behave(({ write }) => ({ takesMs: 1, bytes: write?.[0] === 0x01 ? [0x4c, 0x01] : [7, 7] }));
  const samples = said('tank-1/telemetry').length;
  await clock.advance(30_000);
  const sentence = 'Identified itself as 4C 01, expected 54 02. That is what the type lamp answers.';
  const availability = said('device/tank-1/availability').at(-1);
  assert.deepEqual(
    [availability?.['state'], availability?.['reason'], availability?.['message']],
    ['offline', 'wrong_identity', sentence],
  );
  const event = said('/event').findLast(({ device }) => device === 'tank-1');
  assert.deepEqual(
    [event?.['type'], event?.['code'], event?.['message']],
    ['device.offline', 'wrong_identity', sentence],
  );
  assert.equal(log.saying(sentence).length, 1);
  assert.equal(said('tank-1/telemetry').length, samples, 'a stranger’s bytes became a reading');
});

test('what never came to the wire is no failure of the device', async (t) => {
  const { clock, poller, said } = await pollerWorld(t, YAML, tank);
  await poller.start();
  await clock.advance(1500);
  for (const code of ['expired', 'overdue', 'closed', 'queue_full', 'bad_argument', 'interrupted'] as const)
    poller.noteOutcome('tank-1', code);
  const { failures, faults } = poller.health()['tank-1'] ?? {};
  assert.deepEqual([failures, faults], [0, {}]);
  assert.equal(said('device/tank-1/availability').length, 1);
});
