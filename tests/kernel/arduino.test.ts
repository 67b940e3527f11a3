// What a user does with an Arduino on /dev/i2c-N, through i2c-dev and the adapter's driver to its firmware.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { BusQueue } from '../../bridge/bus/queue.js';
import { scanBus, type Probe, type ScanReport } from '../../bridge/requests/scan-bus.js';
import type { LinuxBus } from '../../gateway/i2c/linux/bus.js';
import { SystemClock } from '../../gateway/process/system-clock.js';
import { withoutChecksum } from '../../shared/codec/checksum.js';
import { openKernelBus, readHex } from './kernel-bus.js';
import { type AdapterKind, AT } from './places.js';
import { REAL_BUS, Stage, withoutAdapters } from './stage.js';

const CRC = { kind: 'crc8', poly: 0x07, init: 0 } as const;
const DEVICES = [AT.tank, AT.secondTank, AT.quirks, AT.registers];
/** The register of the quirks sketch that counts the calls of onRequest. */
const HOW_OFTEN_ASKED = 0x0c;

/** Everything that each plain bus must do; `whose` is the errno of its driver where nobody acknowledges. */
function plainBus(
  name: string,
  place: { open(): Promise<string>; close(): void },
  whose: RegExp,
  skip: string | false = false,
): void {
  describe(name, { skip }, () => {
    let bus: LinuxBus;
    before(async () => {
      bus = await openKernelBus(await place.open());
    });
    after(async () => {
      await bus.close();
      place.close();
    });

    test('the firmware says who it is, by a STOP and by a repeated START', async () => {
      assert.equal(await readHex(bus, AT.tank, 0x01, { length: 2 }), '5402');
      assert.equal(await readHex(bus, AT.tank, 0x01, { length: 2, repeatedStart: true }), '5402');
    });

    test('a block read brings what was sent, then FF', async () => {
      const longest = '5402'.padEnd(64, 'f');
      assert.equal(await readHex(bus, AT.tank, 0x01, { length: 32, repeatedStart: true }), longest);
    });

    test('a reading has the right checksum', async () => {
      for (const repeatedStart of [false, true]) {
        const reply = Buffer.from(await readHex(bus, AT.tank, 0x10, { length: 6, repeatedStart }), 'hex');
        assert.ok(withoutChecksum(reply, CRC), reply.toString('hex'));
      }
    });

    test('a command is written and read back', async () => {
      for (const speed of [35, 0]) {
        await bus.transfer({ address: AT.tank, write: Uint8Array.of(0x20, speed) });
        assert.equal(await readHex(bus, AT.tank, 0x20), Buffer.of(speed).toString('hex'));
      }
    });

    test('nobody at an address is no_ack, with the errno of the driver', async () => {
      const address = AT.absent;
      const write = Uint8Array.of(1);
      for (const transaction of [
        { address, write },
        { address, readLength: 1 },
        { address, write, readLength: 1, repeatedStart: true },
      ])
        await assert.rejects(bus.transfer(transaction), { code: 'no_ack', message: whose });
      assert.equal(await readHex(bus, AT.tank, 0x01, { length: 2 }), '5402');
    });

    test('a scan finds who is there and nobody else, and calls no onRequest', async () => {
      const asked = (): Promise<string> => readHex(bus, AT.quirks, HOW_OFTEN_ASKED);
      const before = REAL_BUS === undefined ? parseInt(await asked(), 16) : 0;
      const { found, failed } = await scan(bus, 'quick');
      const addresses = found.map(({ address }) => Number(address));
      assert.deepEqual(failed, []);
      if (REAL_BUS !== undefined) {
        assert.ok(addresses.includes(AT.tank), `found ${addresses.join(', ')}`);
        return;
      }
      assert.deepEqual(addresses, DEVICES);
      // Its own question is the one.
      assert.equal(parseInt(await asked(), 16), before + 1);
      assert.equal(await readHex(bus, AT.tank, 0x01, { length: 2 }), '5402');
    });
  });
}

/** Through a queue, as `scan` at a shell does it. */
async function scan(bus: LinuxBus, probe: Probe): Promise<ScanReport> {
  const queue = new BusQueue({ bus, clock: new SystemClock(), limit: 16 });
  return scanBus({ busId: 'main', path: 'the bus', bus: queue, devices: [], probe });
}

function plugged(kind: AdapterKind, whose: RegExp): void {
  const stage = new Stage(kind);
  const place = {
    open: () => stage.plug(),
    close: () => {
      stage.unplug();
    },
  };
  plainBus(kind, place, whose, withoutAdapters);
}

if (REAL_BUS !== undefined) {
  const path = REAL_BUS;
  plainBus(path, { open: () => Promise.resolve(path), close: () => undefined }, /no acknowledgement/);
}
plugged('i2c-tiny-usb', /\(ENXIO\)/);
plugged('i2c-robotfuzz-osif', /\(EREMOTEIO\)/);

describe('an adapter without plain messages', { skip: withoutAdapters }, () => {
  const stage = new Stage('i2c-tiny-usb without plain messages');
  let bus: LinuxBus;
  before(async () => {
    bus = await openKernelBus(await stage.plug());
  });
  after(async () => {
    await bus.close();
    stage.unplug();
  });

  test('reads registers by a repeated START, up to the longest block', async () => {
    assert.equal(await readHex(bus, AT.tank, 0x01, { length: 1, repeatedStart: true }), '54');
    assert.equal(await readHex(bus, AT.tank, 0x01, { length: 2, repeatedStart: true }), '5402');
    const longest = '5402'.padEnd(64, 'f');
    assert.equal(await readHex(bus, AT.tank, 0x01, { length: 32, repeatedStart: true }), longest);
  });

  test('says who does not acknowledge', async () => {
    const read = readHex(bus, AT.absent, 0x01, { repeatedStart: true });
    await assert.rejects(read, { code: 'no_ack', message: /\(ENXIO\)/ });
  });

  test('refuses what it cannot do, in words, before the wire', async () => {
    const { transactions } = await stage.ask('state');
    await assert.rejects(readHex(bus, AT.tank, 0x01), {
      code: 'unsupported',
      message: /repeated_start: true/,
    });
    assert.equal((await stage.ask('state')).transactions, transactions);
  });
});

test(
  'i2c-stub, an SMBus controller of the kernel made of memory, is read',
  { skip: withoutAdapters },
  async () => {
    const bus = await openKernelBus(stubPath());
    try {
      assert.equal(await readHex(bus, 0x20, 0x00, { length: 32, repeatedStart: true }), '00'.repeat(32));
      await assert.rejects(readHex(bus, 0x20, 0x00), { code: 'unsupported' });
    } finally {
      await bus.close();
    }
  },
);

function stubPath(): string {
  const devices = '/sys/bus/i2c/devices';
  const stub = readdirSync(devices).find((entry) =>
    readFileSync(`${devices}/${entry}/name`, 'utf8').startsWith('SMBus stub'),
  );
  return `/dev/${String(stub)}`;
}
