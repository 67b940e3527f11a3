// What a command writes that nobody gave: texts and decimals as a device reads them, and bytes that are computed of constants
// and of what an earlier step has read. Never a write with a part of it missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../../bridge/device/client.js';
import { checkArguments } from '../../../../shared/check-arguments.js';
import { asGatewayError } from '../../../../shared/errors.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { deviceOfType } from '../../../support/bus/sample-yaml.js';
import { ScriptedBus } from '../../../support/bus/scripted-bus.js';

const TYPE = `constants: [ { write: [0x90], read: 1, fields: { trim: { type: int8 } } } ],
  commands: {
    compensate: { args: { t: { type: decimal, length: 8, min: 0, max: 100 } }, write: [0x54, 0x2C, $t] },
    show: { args: { line: { type: text, length: 16, pad: 0x20 } }, write: [0x40, $line] },
    heat: { args: { to: { type: uint16be, max: 400 }, raw: { type: uint8, compute: 'to / 4 + trim' } }, write: [0x5A, $raw],
      verify: { write: [0x5A], read: 1, equals: $raw } },
    page: { args: { to: { type: uint8 } }, write: [0x20, $to],
      verify: { steps: [ { write: [0x00, 0x01], delay: 2ms }, { write: [0x20], read: 1 } ], equals: $to } },
    more: { args: { by: { type: uint8 }, next: { type: uint16be, compute: 'now * 2 + by + trim' } },
      steps: [ { write: [0x10], read: 2, fields: { now: { type: uint16be, none: [0xFFFE] } } }, { write: [0x11, $next] } ] } }`;

/** `learnt`: whether its constants were read before; `answer`: what is read. Gives what was written, and how it ended. */
async function ran(
  name: string,
  args: Readonly<Record<string, unknown>>,
  { learnt = true, answer = [5, 5] }: { learnt?: boolean; answer?: readonly number[] } = {},
): Promise<string> {
  const clock = new FakeClock();
  const bus = new ScriptedBus(clock, ({ readLength = 0 }) => ({ bytes: answer.slice(0, readLength) }));
  const device = deviceOfType(TYPE.replaceAll(/\s+/g, ' '));
  const client = new DeviceClient(device, new BusQueue({ bus, clock, limit: 8 }), clock);
  if (learnt) await Promise.all([client.learn(), clock.advance(10)]);
  bus.seen.length = 0;
  const spec = device.type.commands.get(name);
  assert.ok(spec);
  const running = client
    .command(spec, checkArguments(spec, new Map(Object.entries(args))), {
      ...{ deadlineMs: 1000, refuse: () => undefined },
    })
    .then(
      () => 'done',
      (thrown: unknown) => {
        const { code, untried } = asGatewayError(thrown);
        return untried ? `${code}, untried` : code;
      },
    );
  const [ended] = await Promise.all([running, clock.advance(100)]);
  const written = bus.seen.map(({ write }) => Buffer.from(write ?? []).toString('hex'));
  return [...written, ended].join(' ');
}

test('a number in ASCII stands behind its letter as it is, a text is filled up', async () => {
  assert.equal(await ran('compensate', { t: 19.5 }), `${Buffer.from('T,19.5').toString('hex')} done`);
  const line = Buffer.from('@Tank 80 %       ').toString('hex');
  assert.equal(await ran('show', { line: 'Tank 80 %' }), `${line} done`);
});

test('what is computed of a constant is written, and read back', async () => {
  assert.equal(await ran('heat', { to: 40 }), '5a0f 5a verify_failed');
  assert.equal(await ran('heat', { to: 40 }, { answer: [0xf6] }), '5a00 5a verify_failed');
  assert.equal(await ran('heat', { to: 0 }, { answer: [5] }), '5a05 5a done');
});

test('what the device has to tell first is not written before', async () => {
  assert.equal(await ran('heat', { to: 40 }, { learnt: false }), 'not_valid, untried');
  assert.equal(await ran('heat', { to: 0 }, { answer: [0x80] }), 'bad_argument, untried');
});

test('what is read back may take several writes, which are no other device’s and no other command’s in between', async () => {
  assert.equal(await ran('page', { to: 5 }), '2005 0001 20 done');
  assert.equal(await ran('page', { to: 6 }), '2006 0001 20 verify_failed');
});

test('what an earlier step has read is computed with; where that has no value, the rest is not made', async () => {
  assert.equal(await ran('more', { by: 1 }, { answer: [0, 9] }), '10 110013 done');
  assert.equal(await ran('more', { by: 1 }, { answer: [0xff, 0xfe] }), '10 not_valid');
});
