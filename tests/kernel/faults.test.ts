// What goes wrong on a wire and at a plug, in the real kernel.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { LinuxBus } from '../../gateway/i2c/linux/bus.js';
import type { I2cTransaction } from '../../shared/ports.js';
import { openKernelBus, readHex } from './kernel-bus.js';
import { AT } from './places.js';
import { Stage, withoutAdapters } from './stage.js';

describe('a wire that is held', { skip: withoutAdapters }, () => {
  const stage = new Stage('i2c-tiny-usb');
  const hangs: I2cTransaction[] = [];
  let path = '';
  let bus: LinuxBus;
  before(async () => {
    path = await stage.plug();
    // The driver itself gives up after 2 s; a hang is told before that.
    const limits = { patienceMs: 1000 };
    bus = await openKernelBus(path, { limits, onHang: (transaction) => hangs.push(transaction) });
  });
  after(async () => {
    await bus.close();
    stage.unplug();
  });
  const identity = (): Promise<string> => readHex(bus, AT.tank, 0x01, { length: 2 });

  test('a clock that is stretched is waited for, and the next transaction waits as well', async () => {
    const { transactions } = await stage.ask('hold the clock');
    const slow = readHex(bus, AT.quirks, 0x01);
    const next = identity();
    while ((await stage.ask('state')).transactions === transactions);
    await stage.ask('release the clock');
    assert.equal(await slow, 'a1');
    assert.equal(await next, '5402');
    assert.equal((await stage.ask('state')).overlaps, 0);
  });

  test('a hang of 2 s is told, ends as a fault of the bus, and the bus goes on', async () => {
    await stage.ask('hold the clock');
    const address = AT.tank;
    await assert.rejects(bus.transfer({ address, readLength: 1 }), { code: 'bus_fault', message: /\(EIO\)/ });
    assert.deepEqual(hangs.at(-1), { address, readLength: 1 });
    await stage.ask('release the clock');
    assert.equal(await identity(), '5402');
    assert.equal((await stage.ask('state')).overlaps, 0);
  });

  test('firmware that hangs holds the bus until it is pulled out, and then the others answer', async () => {
    await assert.rejects(readHex(bus, AT.quirks, 0x03), { code: 'bus_fault' });
    await assert.rejects(identity(), { code: 'bus_fault' });
    await stage.ask('pull quirks');
    assert.equal(await identity(), '5402');
  });

  test('an address that a driver of the kernel holds is claimed, with its name, again and again', async () => {
    const adapter = `/sys/bus/i2c/devices/${basename(path)}`;
    // i2c-core has a driver for addresses that only must not be used by others.
    await writeFile(`${adapter}/new_device`, `dummy ${String(AT.registers)}`);
    for (let time = 0; time < 3; time += 1)
      await assert.rejects(readHex(bus, AT.registers, 0), {
        code: 'address_claimed',
        message: /^0x40 on \/dev\/i2c-\d+ is held by the kernel's driver dummy\./,
      });
    await writeFile(`${adapter}/delete_device`, String(AT.registers));
    assert.equal(await readHex(bus, AT.registers, 0), '00');
  });
});

for (const kind of ['i2c-tiny-usb', 'i2c-robotfuzz-osif'] as const)
  test(
    `${kind}: pulled out it is said to be gone, plugged in again it works`,
    { skip: withoutAdapters },
    async (t) => {
      const stage = new Stage(kind);
      const path = await stage.plug();
      t.after(() => {
        stage.unplug();
      });
      const bus = await openKernelBus(path);
      t.after(() => bus.close());
      const identity = (): Promise<string> => readHex(bus, AT.tank, 0x01, { length: 2 });
      assert.equal(await identity(), '5402');
      stage.unplug();
      // Until the kernel has noticed, the driver's own errors are all there is.
      await untilRefused(identity, 'bus_unavailable');
      const missing = new RegExp(`^There is no ${path}\\.`);
      await assert.rejects(identity(), { code: 'bus_unavailable', message: missing });
      assert.equal(await stage.plug(), path);
      assert.equal(await identity(), '5402');
    },
  );

async function untilRefused(transfer: () => Promise<unknown>, code: string): Promise<void> {
  const end = performance.now() + 60_000;
  while (performance.now() < end) {
    const refused = await transfer().then(
      () => false,
      (error: unknown) => (error as { code?: unknown }).code === code,
    );
    if (refused) return;
  }
  throw new Error(`never refused with ${code}`);
}
