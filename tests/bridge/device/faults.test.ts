// Wrong bytes: counted by cause, with the last of them and what is probably behind it.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { hintFor } from '../../../bridge/device/hints.js';
import { breaksClockStretching } from '../../../gateway/i2c/linux/adapter.js';
import { GatewayError, type ErrorCode } from '../../../shared/errors.js';
import { pollerWorld } from '../../support/bus/poller-world.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  tank:
    samples:
      - every: 1s
        write: [0x10]
        read: 4
        check: { kind: sum8 }
        fields:
          level: { type: uint8, max: 100 }
          warmth: { type: uint8, max: 100 }
          mode: { type: uint8, none: [9] }
devices:
  tank-1: { type: tank, bus: main, address: 0x08 }
`;

const GOOD = [10, 20, 1, 31];
const WRONG_SUM = [10, 20, 1, 99];
const TOO_HIGH = [200, 250, 1, 195];
const NO_VALUE = [1, 2, 9, 12];

test('each cause has its count, its share of late, its last bytes and a hint, and availability says them too', async (t) => {
  const replies = [GOOD, WRONG_SUM, TOO_HIGH, NO_VALUE, WRONG_SUM];
  let next = 0;
  const { clock, poller, said } = await pollerWorld(t, YAML, () => ({
    takesMs: 1,
    bytes: replies[Math.min(next++, replies.length - 1)] ?? [],
  }));
  await poller.start();
  await clock.advance(replies.length * 1000 - 500);
  const { faults, failures } = poller.health()['tank-1'] ?? {};
  assert.deepEqual(Object.keys(faults ?? {}), ['checksum', 'out_of_range']);
  const { checksum, out_of_range: range } = faults ?? {};
  assert.deepEqual([checksum?.count, checksum?.share, checksum?.bytes], [2, 0.4, '0A 14 01 63']);
  assert.match(checksum?.hint ?? '', /noise, a long cable/);
  assert.deepEqual(
    [range?.count, range?.share, range?.bytes, range?.message],
    [1, 0.2, 'C8 FA 01 C3', 'level, warmth'],
  );
  // A field that is not believed is no failure of the device.
  assert.equal(failures, 2);
  const availability = said('availability').at(-1);
  assert.deepEqual([availability?.['reason'], availability?.['hint']], ['checksum', checksum?.hint]);
  assert.match(String(availability?.['message']), /0A 14 01 63/);
});

test('on the Raspberry Pi’s own controller wrong bytes point to clock stretching', async (t) => {
  const behaviour = () => ({ takesMs: 1, bytes: WRONG_SUM });
  const { clock, poller, said } = await pollerWorld(t, YAML, behaviour, { breaksStretching: true });
  await poller.start();
  await clock.advance(1500);
  assert.match(poller.health()['tank-1']?.faults.checksum?.hint ?? '', /dtoverlay=i2c-gpio/);
  assert.match(String(said('/event').at(-1)?.['hint']), /dtoverlay=i2c-gpio/);
});

test('who is absent is told what absence may mean; the share forgets what is long ago', async (t) => {
  let absent = true;
  const { clock, poller } = await pollerWorld(t, YAML, () =>
    absent ? { takesMs: 1, error: new GatewayError('no_ack', 'Nobody there.') } : { takesMs: 1, bytes: GOOD },
  );
  await poller.start();
  await clock.advance(500);
  const fault = (): unknown[] => {
    const { count, share, message, hint } = poller.health()['tank-1']?.faults.no_ack ?? {};
    return [count, share, message, hint?.includes('deaf')];
  };
  assert.deepEqual(fault(), [1, 1, 'Nobody there.', true]);
  absent = false;
  await clock.advance(150_000);
  assert.deepEqual(fault(), [1, 0, 'Nobody there.', true]);
});

test('a command that fails is told like a reading: with what was read back, and what may be behind it', async (t) => {
  const { clock, poller } = await pollerWorld(t, YAML, () => ({ takesMs: 1, bytes: GOOD }));
  await poller.start();
  await clock.advance(500);
  const facts = { seen: Uint8Array.of(0x28), message: 'read back 28 instead of 29' };
  poller.noteOutcome('tank-1', 'verify_failed', facts);
  const { count, bytes, message, hint } = poller.health()['tank-1']?.faults.verify_failed ?? {};
  assert.deepEqual([count, bytes, message], [1, '28', facts.message]);
  assert.match(hint ?? '', /longer to act/);
});

const HINTS: readonly [string, ErrorCode, readonly number[] | undefined, boolean, RegExp][] = [
  ['all FF', 'empty_reply', [0xff, 0xff, 0xff], false, /^All FF: .*more is read/i],
  ['00 and FF', 'empty_reply', [0, 0xff, 0xff], false, /onRequest wrote nothing/],
  [
    'FF at the end, even on that Pi',
    'checksum',
    [1, 2, 0xff, 0xff],
    true,
    /last 2 bytes are FF: read asks for more/,
  ],
  ['all 00', 'checksum', [0, 0, 0], false, /^All 00/],
  ['a single FF, which may be data', 'checksum', [1, 2, 0xff], false, /noise/],
  ['a broken byte on that Pi', 'implausible_step', [1, 2], true, /i2c-gpio/],
  ['no acknowledgement on that Pi', 'no_ack', undefined, true, /wiring|no power/],
  ['a firmware that repeats itself', 'stale', [1, 2], false, /loop\(\) stands still/],
  ['a device that is asked too soon', 'device_busy', [0xfe, 1], false, /longer delay/],
  ['an answer to an earlier question', 'wrong_echo', [1, 2], false, /earlier question/],
  ['a value that cannot be', 'out_of_range', [1, 2], false, /byte order/],
  ['a single jump', 'implausible_step', [1, 2], false, /Single wrong readings/],
  ['another Arduino', 'wrong_identity', [1, 2], false, /exchanged/],
  ['a held clock', 'timeout', undefined, false, /holds the clock/],
];
for (const [name, code, bytes, breaksStretching, expected] of HINTS) {
  test(`the hint for ${name}`, () => {
    const seen = bytes === undefined ? undefined : Uint8Array.from(bytes);
    assert.match(hintFor(code, seen, { breaksStretching }) ?? '', expected);
  });
}

test('the kernel says which controller a bus has', async (t) => {
  const [sysfs, dev] = [await temporaryFolder(t), await temporaryFolder(t)];
  const bus = async (id: string, name: string): Promise<string> => {
    await mkdir(join(sysfs, id));
    await writeFile(join(sysfs, id, 'name'), `${name}\n`);
    await writeFile(join(dev, id), '');
    return join(dev, id);
  };
  assert.equal(breaksClockStretching(await bus('i2c-1', 'bcm2835 (i2c@7e804000)'), sysfs), true);
  assert.equal(breaksClockStretching(await bus('i2c-3', 'i2c-gpio0'), sysfs), false);
  assert.equal(breaksClockStretching(join(dev, 'i2c-9'), sysfs), false);
});
