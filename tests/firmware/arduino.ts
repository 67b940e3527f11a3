// An Arduino on a bus of its own, for tests: real firmware, a clock that the test moves.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FLASH_BYTES } from '../../gateway/i2c/simulated/firmware-file.js';
import { AvrTarget } from '../../gateway/i2c/simulated/avr-target.js';
import { parseIntelHex } from '../../gateway/i2c/simulated/intel-hex.js';
import { SimulatedBus } from '../../gateway/i2c/simulated/bus.js';
import type { SimulatedInput } from '../../shared/config/simulated.js';
import { FakeClock } from '../support/fake-clock.js';
import { RecordingLog } from '../support/recording-log.js';

/** The repository's folder: tests run from dist/tests/firmware. */
const ROOT = new URL('../../../', import.meta.url);
export const EXAMPLE_SKETCHES = fileURLToPath(new URL('gateway/example/firmware/', ROOT));
export const TEST_SKETCHES = fileURLToPath(new URL('tests/firmware/sketches/', ROOT));
export const EXAMPLE_CONFIG = fileURLToPath(new URL('gateway/example/greenhouse.yaml', ROOT));

export const ADDRESS = 0x12;

export class Arduino {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly bus: SimulatedBus;
  readonly target: AvrTarget;

  constructor(flash: Uint8Array, inputs: ReadonlyMap<string, SimulatedInput>) {
    const { clock, log } = this;
    this.target = new AvrTarget({ flash, address: ADDRESS, inputs, phase: 0, clock, log });
    this.bus = new SimulatedBus({ clock, log });
    this.bus.attach(ADDRESS, this.target);
  }

  async write(...bytes: number[]): Promise<void> {
    await this.bus.transfer({ address: ADDRESS, write: Uint8Array.from(bytes) });
  }

  /** Chooses a register, then reads. */
  async read(register: number, length: number, repeatedStart = false): Promise<Buffer> {
    const write = Uint8Array.of(register);
    return Buffer.from(
      await this.bus.transfer({ address: ADDRESS, write, readLength: length, repeatedStart }),
    );
  }
}

/** Plugs in the firmware `<folder>/<name>/<name>.hex`. */
export async function arduino(
  folder: string,
  name: string,
  inputs: Readonly<Record<string, SimulatedInput>> = {},
): Promise<Arduino> {
  const text = await readFile(`${folder}/${name}/${name}.hex`, 'utf8');
  return new Arduino(parseIntelHex(text, FLASH_BYTES), new Map(Object.entries(inputs)));
}
