// One chip, its driver for Python, and all cases of raw numbers: what came of it.
import { asGatewayError } from '../../shared/errors.js';
import type { Device, DeviceType, FieldSpec } from '../../shared/device-type.js';
import type { Clock } from '../../shared/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import type { JudgedChip } from './chips.js';
import { ChipTarget } from './chip-target.js';
import { compared, type Compared } from './compare.js';
import { busWith, libraryDevice, readByUs, type OurReading } from './ours.js';
import type { PythonDrivers } from './python-drivers.js';
import { bodies, casesOf, type RawNumbers } from './raw-numbers.js';
import { explanationOf } from './explained.js';

export interface Judgement {
  readonly chip: string;
  readonly driver: string;
  /** Values that were compared. */
  readonly values: number;
  readonly same: number;
  /** Why → how many values it explains. */
  readonly explained: Readonly<Record<string, number>>;
  readonly unexplained: readonly string[];
}

/** All fields of a type's samples, computed ones as well. */
export function fieldsOf(type: DeviceType): readonly FieldSpec[] {
  return type.samples.flatMap((sample) => [
    ...bodies(sample).flatMap((body) => body.fields),
    ...(sample.conversation?.computed ?? []),
  ]);
}

/** Counts what was compared of one chip. */
export class Tally {
  readonly unexplained: string[] = [];
  readonly #explained = new Map<string, number>();
  readonly #chip: string;
  readonly #driver: string;
  #values = 0;
  #same = 0;

  constructor(chip: string, driver: string) {
    this.#chip = chip;
    this.#driver = driver;
  }

  add(all: readonly Compared[], raws: RawNumbers): void {
    for (const one of all) {
      this.#values += 1;
      const why = one.kind === 'same' ? undefined : explanationOf(this.#chip, this.#driver, one)?.why;
      if (one.kind === 'same') this.#same += 1;
      else if (why !== undefined) this.#explained.set(why, (this.#explained.get(why) ?? 0) + 1);
      else
        this.unexplained.push(
          `${this.#chip} ${said(one)} where ${[...raws].map((pair) => pair.join('=')).join(' ')}`,
        );
    }
  }

  told(): Judgement {
    return {
      ...{ chip: this.#chip, driver: this.#driver, values: this.#values, same: this.#same },
      ...{ explained: Object.fromEntries(this.#explained), unexplained: this.unexplained },
    };
  }
}

export async function judged(judge: JudgedChip, drivers: PythonDrivers): Promise<Judgement> {
  const { chip, address, driver } = judge;
  const device = libraryDevice(chip, address);
  const tally = new Tally(chip, driver);
  for (const raws of casesOf(device.type).map((one) => judge.possible(one))) {
    const clock = new FakeClock();
    const bus = busWith(clock, address, targetOf(judge, device, raws, clock));
    const theirs = await drivers.read(chip, address, bus, clock);
    tally.add(compared(fieldsOf(device.type), await ours(judge, device, raws), theirs), raws);
  }
  return tally.told();
}

type Judge = Pick<JudgedChip, 'registers' | 'steady' | 'refused'>;

function targetOf(judge: Judge, device: Device, raws: RawNumbers, clock: Clock): ChipTarget {
  return new ChipTarget({ ...judge, type: device.type, raws, clock });
}

/** Where nothing at all could be read, each field has the error. */
export async function ours(judge: Judge, device: Device, raws: RawNumbers): Promise<OurReading> {
  const clock = new FakeClock();
  try {
    return await readByUs(device, targetOf(judge, device, raws, clock), clock);
  } catch (thrown) {
    const { code } = asGatewayError(thrown);
    return { values: {}, errors: new Proxy({}, { get: () => code }) };
  }
}

function said({ field, kind, ours: own, theirs, why = '' }: Compared): string {
  return `${field}: ${kind}, ours ${String(own)}, theirs ${String(theirs)} ${why}`;
}
