// The far end of the suite: wires with simulated Arduinos, and adapters on them for whoever connects. It runs outside
// the test machine, whose emulated processor would need longer for the firmware than the adapters' drivers wait.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { FLASH_BYTES } from '../../../gateway/i2c/simulated/firmware-file.js';
import { AvrTarget } from '../../../gateway/i2c/simulated/avr-target.js';
import { parseIntelHex } from '../../../gateway/i2c/simulated/intel-hex.js';
import { SimulatedBus } from '../../../gateway/i2c/simulated/bus.js';
import { packageRoot } from '../../../gateway/process/paths.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { RecordingLog } from '../../support/recording-log.js';
import { RegisterTarget } from '../../support/bus/register-target.js';
import { ChipTarget } from '../../drivers/chip-target.js';
import { fieldsOf, ours } from '../../drivers/judged.js';
import { libraryDevice, type OurReading } from '../../drivers/ours.js';
import { KERNEL_CHIPS } from '../drivers/kernel-chips.js';
import { type AdapterKind, AT, type FarEndRequest, type PlacedChip, type WireState } from '../places.js';
import { FarEnd } from './far-end.js';
import { Osif } from './osif.js';
import { serveUsb } from './serve-usb.js';
import { TinyUsb } from './tiny-usb.js';
import type { VendorRequests } from './usb-device.js';

interface SimulatedWire {
  readonly bus: SimulatedBus;
  readonly farEnd: FarEnd;
  release: () => void;
}

export class Wires {
  readonly #wires = new Map<string, Promise<SimulatedWire>>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((socket) => {
      this.#serve(socket).catch((error: unknown) => {
        console.error('The far end failed:', error);
        socket.destroy();
      });
    });
  }

  /** The port on this machine at which it listens. */
  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async #serve(socket: Socket): Promise<void> {
    // A plug that is pulled may be a reset connection.
    socket.setNoDelay(true).on('error', () => undefined);
    const { line, rest } = await firstLine(socket);
    const request = JSON.parse(line) as FarEndRequest;
    const wire = await this.#wire(request.wire);
    if ('ask' in request) {
      socket.end(JSON.stringify(act(wire, request.ask)));
      return;
    }
    if ('chip' in request) {
      socket.end(JSON.stringify(await placed(wire, request.chip)));
      return;
    }
    const take = serveUsb(adapterOf(request.plug, wire.farEnd), socket);
    socket.on('data', take);
    take(rest);
  }

  #wire(name: string): Promise<SimulatedWire> {
    const wire = this.#wires.get(name) ?? newWire();
    this.#wires.set(name, wire);
    return wire;
  }
}

/** What came behind the line is already the next thing's. */
async function firstLine(socket: Socket): Promise<{ readonly line: string; readonly rest: Buffer }> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf('\n');
    if (end < 0) continue;
    return { line: bytes.toString('utf8', 0, end), rest: bytes.subarray(end + 1) };
  }
}

function act(wire: SimulatedWire, ask: string): WireState {
  if (ask === 'hold the clock') wire.release = wire.farEnd.holdClock();
  if (ask === 'release the clock') wire.release();
  if (ask === 'pull quirks') wire.bus.detach(AT.quirks);
  return { transactions: wire.farEnd.transactions, overlaps: wire.bus.overlaps };
}

/** What our description reads of such a chip; the one on the wire is for somebody else. */
async function placed({ bus }: SimulatedWire, { name, address, raws }: PlacedChip): Promise<OurReading> {
  const device = libraryDevice(name, address);
  const judge = KERNEL_CHIPS.find(({ chip }) => chip === name);
  const given = {
    ...{ registers: new Map(judge?.registers), steady: judge?.steady ?? [], refused: [] },
    alias: new Map(judge?.alias),
  };
  const numbers = new Map(raws);
  const options = { type: device.type, raws: numbers, ...given, clock: new SystemClock() };
  bus.attach(address, new ChipTarget(options));
  const { values, errors } = await ours(given, device, numbers);
  const everyError = Object.fromEntries(fieldsOf(device.type).map(({ id }) => [id, errors[id]]));
  return { values, errors: everyError as OurReading['errors'] };
}

function adapterOf(kind: AdapterKind, farEnd: FarEnd): VendorRequests {
  if (kind === 'i2c-robotfuzz-osif') return new Osif(farEnd);
  return new TinyUsb({ farEnd, plain: kind === 'i2c-tiny-usb' });
}

async function newWire(): Promise<SimulatedWire> {
  const [clock, log] = [new SystemClock(), new RecordingLog()];
  const bus = new SimulatedBus({ clock, log });
  const tank = await flashOf('gateway/example/firmware/tank/tank.hex');
  const quirks = await flashOf('tests/firmware/sketches/quirks/quirks.hex');
  for (const [address, flash] of [
    [AT.tank, tank],
    [AT.secondTank, tank],
    [AT.quirks, quirks],
  ] as const)
    bus.attach(address, new AvrTarget({ flash, address, inputs: new Map(), phase: 0, clock, log }));
  bus.attach(AT.registers, new RegisterTarget());
  return { bus, farEnd: new FarEnd(bus), release: () => undefined };
}

async function flashOf(hexFile: string): Promise<Uint8Array> {
  return parseIntelHex(await readFile(join(packageRoot, hexFile), 'utf8'), FLASH_BYTES);
}
