// Devices behind multiplexers: a channel is open exactly when its device is spoken to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { MuxBus } from '../../../bridge/bus/mux.js';
import { SimulatedBus } from '../../../gateway/i2c/simulated/bus.js';
import { GatewayError } from '../../../shared/errors.js';
import type { I2cTransaction, MuxChannel } from '../../../shared/ports.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';
import { RegisterTarget } from '../../support/bus/register-target.js';
import { ScriptedBus, type Behaviour } from '../../support/bus/scripted-bus.js';

function setUp(behaviour: Behaviour = () => ({ bytes: [1] }), muxes: readonly number[] = [0x70, 0x71]) {
  const clock = new FakeClock();
  const wire = new ScriptedBus(clock, behaviour);
  const bus = new MuxBus(wire, muxes);
  const read = async (address: number, via?: MuxChannel): Promise<void> => {
    const done = bus.transfer({ address, readLength: 1, ...(via === undefined ? {} : { via }) });
    await Promise.all([done, clock.advance(10)]);
  };
  /** What was written to whom, and `r` for a read, since the last call. */
  const seen = (): string[] =>
    wire.seen.splice(0).map(({ address, write }) => {
      const what = write === undefined ? 'r' : Buffer.from(write).toString('hex');
      return `${address.toString(16)}:${what}`;
    });
  return { clock, wire, bus, read, seen };
}

const A2 = { mux: 0x70, channel: 2 };
const A3 = { mux: 0x70, channel: 3 };
const B2 = { mux: 0x71, channel: 2 };
/** Told by number. */
const [N3, N2] = [3, 2].map((channel) => ({ mux: 0x72, channel, enable: 8 }));

test('a channel is selected once, and again only where another was meanwhile', async () => {
  const { read, seen } = setUp();
  await read(8, A2);
  assert.deepEqual(seen(), ['71:00', '70:04', '8:r'], 'at first nobody knows what is open');
  await read(8, A2);
  assert.deepEqual(seen(), ['8:r']);
  await read(8, A3);
  assert.deepEqual(seen(), ['70:08', '8:r']);
  await read(8, B2);
  assert.deepEqual(seen(), ['70:00', '71:04', '8:r'], 'the other multiplexer is closed first');
  await read(8);
  assert.deepEqual(seen(), ['71:00', '8:r'], 'directly on the bus means behind nothing');
  await read(9);
  assert.deepEqual(seen(), ['9:r']);
});

test('a multiplexer that is told the number of a channel is told that (PCA9547)', async () => {
  const { read, seen } = setUp(undefined, [0x72]);
  await read(8, N3);
  assert.deepEqual(seen(), ['72:0b', '8:r']);
  await read(9);
  assert.deepEqual(seen(), ['72:00', '9:r']);
});

test('after any error the channel is selected again', async () => {
  const { read, seen, wire } = setUp();
  await read(8, A2);
  seen();
  wire.behave(({ address }) => (address === 8 ? { error: new GatewayError('bus_fault', 'noise') } : {}));
  await assert.rejects(read(8, A2), { code: 'bus_fault' });
  wire.behave(() => ({ bytes: [1] }));
  seen();
  await read(8, A2);
  assert.deepEqual(seen(), ['71:00', '70:04', '8:r']);
});

test('after a write to the multiplexer itself nothing is taken for granted', async () => {
  const { read, seen } = setUp();
  await read(8, A2);
  await read(0x70);
  seen();
  await read(8, A2);
  assert.deepEqual(seen(), ['71:00', '70:04', '8:r']);
});

test('a multiplexer that does not answer is named, and its device is not spoken to', async () => {
  const { read, seen } = setUp(({ address }) =>
    address === 0x70 ? { error: new GatewayError('no_ack', 'Nobody is there.') } : { bytes: [1] },
  );
  await assert.rejects(read(8, A2), { code: 'no_ack', message: /The multiplexer at 0x70: Nobody/ });
  assert.deepEqual(seen(), ['71:00', '70:04']);
  await read(8, B2);
  assert.deepEqual(seen(), ['70:00', '71:04', '8:r'], 'one that is absent stands in nobody’s way');
});

test('without multiplexers not a byte more is written', async () => {
  const { read, seen } = setUp(() => ({ bytes: [1] }), []);
  await read(8);
  assert.deepEqual(seen(), ['8:r']);
});

test('whoever asks in whatever order: each gets its own device’s bytes, over simulated multiplexers', async () => {
  const places = [undefined, A2, A3, B2, N2, N3] as const;
  const call = fc.record({ atMs: fc.nat(20), place: fc.nat(places.length - 1), command: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 30 }), async (calls) => {
      const clock = new FakeClock();
      const simulated = new SimulatedBus({ clock, log: new RecordingLog(), bitsPerSecond: 100_000 });
      // Directly on the bus another address: what is there answers whichever channel is open.
      for (const via of places) simulated.attach(via === undefined ? 9 : 8, new RegisterTarget(), via);
      const bus = new BusQueue({ bus: new MuxBus(simulated, [0x70, 0x71, 0x72]), clock, limit: 64 });
      const at = (place: number): Pick<I2cTransaction, 'address' | 'via'> => {
        const via = places[place];
        return via === undefined ? { address: 9 } : { address: 8, via };
      };
      const ask = async (place: number, command: boolean): Promise<void> => {
        const priority = command ? 'command' : 'poll';
        await bus.transfer({ ...at(place), write: Uint8Array.of(5, place + 1) }, { priority });
        const transaction = { ...at(place), write: Uint8Array.of(5), readLength: 1 };
        assert.deepEqual([...(await bus.transfer(transaction, { priority }))], [place + 1]);
      };
      const asked: Promise<void>[] = [];
      for (const { atMs, place, command } of calls)
        clock.after(atMs, () => {
          asked.push(ask(place, command));
        });
      await clock.advance(1000);
      await Promise.all(asked);
      assert.equal(asked.length, calls.length);
      assert.equal(simulated.overlaps, 0);
    }),
    { numRuns: 60 },
  );
});

test('a simulated bus says when two devices answer together: no description lets it happen', async () => {
  const clock = new FakeClock();
  const simulated = new SimulatedBus({ clock, log: new RecordingLog() });
  simulated.attach(8, new RegisterTarget());
  simulated.attach(8, new RegisterTarget(), A2);
  await simulated.transfer({ address: 0x70, write: Uint8Array.of(4) });
  await assert.rejects(simulated.transfer({ address: 8, readLength: 1 }), {
    code: 'bus_fault',
    message: /Several devices answer at 0x08/,
  });
});

test('one lost acknowledgement of a closing write leaves no second channel open', async () => {
  let lost = false;
  const noAck = { error: new GatewayError('no_ack', 'none') };
  const { read, seen } = setUp(({ address, write }) => {
    if (address !== 0x70 || write?.[0] !== 0 || !lost) return { bytes: [1] };
    lost = false;
    return noAck;
  });
  await read(8, A2);
  seen();
  lost = true;
  await read(8, B2);
  assert.deepEqual(seen(), ['70:00', '70:00', '71:04', '8:r']);
});

test('a multiplexer that answered and is silent now is closed again before each transaction', async () => {
  let gone = false;
  const noAck = { error: new GatewayError('no_ack', 'none') };
  const { read, seen } = setUp(({ address }) => (gone && address === 0x70 ? noAck : { bytes: [1] }));
  await read(8, A2);
  gone = true;
  await read(8, B2);
  seen();
  await read(8, B2);
  assert.deepEqual(seen(), ['70:00', '70:00', '71:04', '8:r']);
});

test('what a multiplexer refused to select was never tried', async () => {
  const { bus, clock } = setUp(({ address }) =>
    address === 0x70 ? { error: new GatewayError('bus_fault', 'broken') } : { bytes: [1] },
  );
  const done = bus.transfer({ address: 8, readLength: 1, via: A2 });
  await assert.rejects(Promise.all([done, clock.advance(10)]), { code: 'bus_fault', untried: true });
});
