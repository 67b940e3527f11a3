// What every I2cBus must do, be it simulated or Linux's: one suite, run by each implementation's test.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Passage } from '../../shared/passage.js';
import type { OwnedI2cBus } from '../../shared/ports.js';

/** A bus with one device that has at least 32 registers to write and read; the first byte written chooses one. */
export interface BusUnderTest {
  readonly bus: OwnedI2cBus;
  readonly address: number;
  /** An address at which nothing answers. */
  readonly absentAddress: number;
  /** False where the implementation can't do a repeated START. */
  readonly repeatedStart: boolean;
}

export function i2cBusContract(name: string, open: (t: TestContext) => Promise<BusUnderTest>): void {
  passageContract(name, open);

  test(`${name}: what is written is read back, by a write, a STOP and a read`, async (t) => {
    const { bus, address } = await open(t);
    const none = await bus.transfer({ address, write: Uint8Array.of(0x10, 1, 2, 3) });
    assert.deepEqual([...none], []);
    const bytes = await bus.transfer({ address, write: Uint8Array.of(0x10), readLength: 3 });
    assert.deepEqual([...bytes], [1, 2, 3]);
  });

  test(`${name}: a repeated START reads the same`, async (t) => {
    const { bus, address, repeatedStart } = await open(t);
    if (!repeatedStart) {
      t.skip('this bus has no repeated START');
      return;
    }
    await bus.transfer({ address, write: Uint8Array.of(0x11, 7, 8) });
    const write = Uint8Array.of(0x11);
    const bytes = await bus.transfer({ address, write, readLength: 2, repeatedStart: true });
    assert.deepEqual([...bytes], [7, 8]);
  });

  test(`${name}: a read without a write brings as many bytes as it asked for`, async (t) => {
    const { bus, address } = await open(t);
    assert.equal((await bus.transfer({ address, readLength: 1 })).length, 1);
    assert.equal((await bus.transfer({ address, readLength: 32 })).length, 32);
  });

  test(`${name}: nobody at the address is no_ack, and the bus goes on`, async (t) => {
    const { bus, address, absentAddress } = await open(t);
    for (const transaction of [
      { address: absentAddress, write: Uint8Array.of(1) },
      { address: absentAddress, readLength: 1 },
      { address: absentAddress, write: Uint8Array.of(1), readLength: 1 },
    ])
      await assert.rejects(bus.transfer(transaction), { name: 'GatewayError', code: 'no_ack' });
    assert.equal((await bus.transfer({ address, readLength: 1 })).length, 1);
  });

  test(`${name}: a transaction over the limit is too_large, and the bus goes on`, async (t) => {
    const { bus, address } = await open(t);
    await assert.rejects(bus.transfer({ address, readLength: 100_000 }), { code: 'too_large' });
    await assert.rejects(bus.transfer({ address, write: new Uint8Array(100_000) }), { code: 'too_large' });
    assert.equal((await bus.transfer({ address, readLength: 1 })).length, 1);
  });

  test(`${name}: close waits for the running transaction, and later ones are refused`, async (t) => {
    const { bus, address } = await open(t);
    let ended = false;
    const running = bus.transfer({ address, readLength: 4 }).then((bytes) => {
      ended = true;
      return bytes;
    });
    await bus.close();
    assert.equal(ended, true);
    assert.equal((await running).length, 4);
    await assert.rejects(bus.transfer({ address, readLength: 1 }), { code: 'closed' });
    await bus.close();
  });
}

function passageContract(name: string, open: (t: TestContext) => Promise<BusUnderTest>): void {
  test(`${name}: the record of a transaction says when the wire is its own`, async (t) => {
    const { bus, address, absentAddress } = await open(t);
    const passage = newPassage();
    let taken = 0;
    passage.whenTaken(() => (taken += 1));
    await bus.transfer({ address, readLength: 1 }, { passage });
    assert.deepEqual([passage.phase, passage.wasOnTheWire, taken], ['on_the_wire', true, 1]);
    const unheard = newPassage();
    await assert.rejects(bus.transfer({ address: absentAddress, readLength: 1 }, { passage: unheard }));
    assert.equal(unheard.wasOnTheWire, true);
    const large = newPassage();
    await assert.rejects(bus.transfer({ address, readLength: 100_000 }, { passage: large }));
    assert.equal(large.wasOnTheWire, false);
  });

  test(`${name}: what nobody waits for any more is not run`, async (t) => {
    const { bus, address } = await open(t);
    await bus.transfer({ address, write: Uint8Array.of(0x10, 1) });
    const passage = newPassage();
    passage.giveUp();
    await assert.rejects(bus.transfer({ address, write: Uint8Array.of(0x10, 2) }, { passage }), {
      code: 'overdue',
    });
    assert.equal(passage.wasOnTheWire, false);
    assert.deepEqual([...(await bus.transfer({ address, write: Uint8Array.of(0x10), readLength: 1 }))], [1]);
  });
}

function newPassage(): Passage {
  return new Passage({ awakeMs: () => performance.now() });
}
