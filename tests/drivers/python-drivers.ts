// Python with the drivers of others: what they say to the bus is done on the simulated one.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { createInterface, type Interface } from 'node:readline';
import { packageRoot } from '../../gateway/process/paths.js';
import { asGatewayError } from '../../shared/errors.js';
import type { I2cBus, I2cTransaction } from '../../shared/ports.js';
import type { FakeClock } from '../support/fake-clock.js';

const CACHE = env['DRIVERS_CACHE'] ?? join(homedir(), '.cache', 'i2c-mqtt-gateway', 'drivers');

/** For a test's `skip` option: why, said loudly, or false. */
export const withoutPythonDrivers: string | false =
  !existsSync(join(CACHE, 'is-ready')) &&
  'NO DRIVERS FOR PYTHON: tests/drivers/prepare (python3-venv). The library was not compared with them.';

/** More transactions than this in one reading are a driver that never ends. */
const MOST_WORDS = 2000;

/** What a driver says of each field by our names; or why it says nothing. */
export type TheirReading =
  Readonly<Record<string, number | string | boolean | null>> | { readonly why: string };

export class PythonDrivers {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #next: AsyncIterator<string>;
  #complaint = '';

  constructor() {
    const program = join(packageRoot, 'tests', 'drivers', 'python', 'judge.py');
    this.#child = spawn(join(CACHE, 'venv', 'bin', 'python'), ['-B', program]);
    this.#child.stderr.on('data', (data: Buffer) => (this.#complaint += data.toString()));
    this.#child.stdin.on('error', () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#next = this.#lines[Symbol.asyncIterator]();
  }

  /** One reading by the driver of `chip`, set up anew. */
  async read(chip: string, address: number, bus: I2cBus, clock: FakeClock): Promise<TheirReading> {
    this.#say(`${chip} ${String(address)}`);
    for (let words = 0; ; words += 1) {
      const line = await this.#next.next();
      if (line.done === true) throw new Error(`Python ended: ${this.#complaint}`);
      const [word = '', ...rest] = line.value.split(' ');
      if (word === '=') return JSON.parse(rest.join(' ')) as TheirReading;
      if (word === '!') return { why: rest.join(' ') };
      if (words > MOST_WORDS) this.#say('! it asks without an end');
      else if (word === 'wait') this.#say(await wait(clock, Number(rest[0])));
      else this.#say(await transferred(bus, word, rest));
    }
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.stdin.end();
    await ended;
  }

  #say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }
}

async function wait(clock: FakeClock, ms: number): Promise<string> {
  await clock.advance(ms);
  return '';
}

/** The bytes read in hex, or `no_ack`, or `!` and why. */
async function transferred(bus: I2cBus, word: string, rest: readonly string[]): Promise<string> {
  const address = Number(rest[0]);
  const write = word === 'read' ? {} : { write: Uint8Array.from(Buffer.from(rest[1] ?? '', 'hex')) };
  const length = word === 'write' ? {} : { readLength: Number(rest.at(-1)) };
  const transaction: I2cTransaction = { address, ...write, ...length, repeatedStart: word === 'both' };
  try {
    return Buffer.from(await bus.transfer(transaction)).toString('hex');
  } catch (thrown) {
    const error = asGatewayError(thrown);
    return error.code === 'no_ack' ? 'no_ack' : `! ${error.message}`;
  }
}
