// Where the suite runs: in the test machine, with adapters whose far end is outside of it, or on the bus that I2C_BUS
// names, with an Arduino on it that runs the example's tank sketch.
import { connect } from 'node:net';
import { env } from 'node:process';
import { text } from 'node:stream/consumers';
import type { OurReading } from '../drivers/ours.js';
import type { RawNumbers } from '../drivers/raw-numbers.js';
import type { AdapterKind, FarEndRequest, WireState } from './places.js';
import { plugIn, type PluggedAdapter } from './plug.js';

/** For example /dev/i2c-1. */
export const REAL_BUS = env['I2C_BUS'];

/** Where the test machine finds the far end: host:port. */
const FAR_END = env['FAR_END'];

/** For a test's `skip`. */
export const withoutAdapters: string | false =
  FAR_END === undefined &&
  `NOT RUN${REAL_BUS === undefined ? '' : ` ON ${REAL_BUS}`}: this needs an adapter that can be pulled and held. npm run test:kernel without I2C_BUS has one.`;

type Ask = Extract<FarEndRequest, { ask: string }>['ask'];

/** A wire of its own at the far end, with Arduinos on it, and one adapter at a time. */
export class Stage {
  readonly #wire: string;
  readonly #kind: AdapterKind;
  #adapter: PluggedAdapter | undefined;

  constructor(kind: AdapterKind) {
    this.#wire = `${kind} ${String(process.hrtime.bigint())}`;
    this.#kind = kind;
  }

  /** Plugs an adapter in; the path of its bus. To the kernel it is a new one each time. */
  async plug(): Promise<string> {
    this.#adapter = await plugIn(farEndAddress(), line({ wire: this.#wire, plug: this.#kind }));
    return this.#adapter.path;
  }

  unplug(): void {
    this.#adapter?.unplug();
  }

  async ask(ask: Ask): Promise<WireState> {
    return (await answered({ wire: this.#wire, ask })) as WireState;
  }

  /** Puts a chip of the library on the wire; what our description reads of it. */
  async chip(name: string, address: number, raws: RawNumbers): Promise<OurReading> {
    return (await answered({ wire: this.#wire, chip: { name, address, raws: [...raws] } })) as OurReading;
  }
}

async function answered(request: FarEndRequest): Promise<unknown> {
  const socket = connect(farEndAddress());
  socket.write(`${line(request)}\n`);
  return JSON.parse(await text(socket)) as unknown;
}

function line(request: FarEndRequest): string {
  return JSON.stringify(request);
}

function farEndAddress(): { readonly host: string; readonly port: number } {
  const [host = '', port] = (FAR_END ?? '').split(':');
  return { host, port: Number(port) };
}
