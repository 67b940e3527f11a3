// A scan looks behind the channels of the multiplexers that are configured, and asks nobody twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { MuxBus } from '../../../bridge/bus/mux.js';
import { scanBus, type ScanReport } from '../../../bridge/requests/scan-bus.js';
import { printScan } from '../../../gateway/cli/bus/print.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { GatewayError } from '../../../shared/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-1 } }
types: { lamp: { samples: [{ every: 1s, read: 1, fields: { level: { type: uint8 } } }] } }
devices:
  direct: { type: lamp, bus: main, address: 0x20 }
  north: { type: lamp, bus: main, address: 0x08, behind: { mux: 0x70, channel: 0 } }
  south: { type: lamp, bus: main, address: 0x08, behind: { mux: 0x70, channel: 3 } }
  gone: { type: lamp, bus: main, address: 0x08, behind: { mux: 0x71, channel: 1 } }
`;
/** Behind each channel of the one multiplexer that is there. */
const BEHIND: Readonly<Record<number, readonly number[]>> = { 0: [0x08], 3: [0x30, 0x08], 5: [0x50] };

/** A wire with 0x20, and a TCA9548A at 0x70 that keeps the last byte written to it. */
async function scan(): Promise<{ readonly report: ScanReport; readonly wire: ScriptedBus }> {
  const clock = new FakeClock();
  let open = 0;
  const wire = new ScriptedBus(clock, ({ address, write }) => {
    if (address === 0x70) open = write?.[0] ?? open;
    const answers = Object.entries(BEHIND).flatMap(([channel, there]) =>
      open & (1 << Number(channel)) ? there : [],
    );
    return [0x20, 0x70, ...answers].includes(address) ? {} : { error: new GatewayError('no_ack', 'nobody') };
  });
  const bus = new BusQueue({ bus: new MuxBus(wire, [0x70, 0x71]), clock, limit: 16 });
  const devices = [...parseConfig(YAML, 'test.yaml').devices.values()];
  const scanning = scanBus({ busId: 'main', path: '/dev/i2c-1', bus, devices, probe: 'quick' });
  await clock.advance(1000);
  return { report: await scanning, wire };
}

test('who is behind which channel is found by name, and who is not there is missed there', async () => {
  const { report } = await scan();
  assert.deepEqual(report.found, [
    { address: '0x20', device: 'direct', type: 'lamp' },
    { address: '0x70', mux: true },
  ]);
  assert.deepEqual(report.missing, []);
  const told = (report.behind ?? []).flatMap(({ mux, channel, found, missing }) =>
    [...found, ...missing.map((one) => ({ ...one, missing: true }))].map((one) => [mux, channel, one]),
  );
  assert.deepEqual(told, [
    ['0x70', 0, { address: '0x08', device: 'north', type: 'lamp' }],
    ['0x70', 3, { address: '0x08', device: 'south', type: 'lamp' }],
    ['0x70', 3, { address: '0x30' }],
    ['0x70', 5, { address: '0x50' }],
    ['0x71', 1, { address: '0x08', device: 'gone', missing: true }],
  ]);
  assert.equal(report.behind?.length, 16);
});

test('it is printed by channel, and channels with nobody are passed over', async () => {
  const { report } = await scan();
  assert.deepEqual(printScan(report).slice(1), [
    '0x20  answers: direct, configured as lamp',
    '0x70  answers: a multiplexer',
    '2 answer',
    'behind 0x70, channel 0',
    '  0x08  answers: north, configured as lamp',
    '  1 answers',
    'behind 0x70, channel 3',
    '  0x08  answers: south, configured as lamp',
    '  0x30  answers, and is not configured',
    '  2 answer',
    'behind 0x70, channel 5',
    '  0x50  answers, and is not configured',
    '  1 answers',
    'behind 0x71, channel 1',
    '  0x08  does not answer: gone',
    '  0 answer',
  ]);
});

test('no byte goes to anybody but the multiplexers', async () => {
  const { wire } = await scan();
  const others = wire.seen.filter(({ address }) => address !== 0x70 && address !== 0x71);
  assert.ok(others.every(({ write, readLength }) => write === undefined && readLength === undefined));
});
