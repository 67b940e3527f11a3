// One chip, its driver for Python, and all cases of raw numbers: what came of it.
import { asGatewayError } from '../../shared/errors.js';
import type { Device } from '../../shared/device-type.js';
import { FakeClock } from '../support/fake-clock.js';
import type { JudgedChip } from './chips.js';
import { ChipTarget } from './chip-target.js';
import { compared, type Compared } from './compare.js';
import { busWith, libraryDevice, readByUs, type OurReading } from './ours.js';
import type { PythonDrivers } from './python-drivers.js';
import { bodies, casesOf, type RawNumbers } from './raw-numbers.js';
import { explanationOf, type Explanation } from './explained.js';

export interface Judgement {
  readonly chip: string;
  readonly driver: string;
  /** Values that were compared. */
  readonly values: number;
  readonly same: number;
  /** With how many values each explains. */
  readonly explained: ReadonlyMap<Explanation, number>;
  readonly unexplained: readonly string[];
}

export async function judged(judge: JudgedChip, drivers: PythonDrivers): Promise<Judgement> {
  const { chip, address, driver } = judge;
  const device = libraryDevice(chip, address);
  const fields = device.type.samples.flatMap((sample) => [
    ...bodies(sample).flatMap((body) => body.fields),
    ...(sample.conversation?.computed ?? []),
  ]);
  const explained = new Map<Explanation, number>();
  const unexplained: string[] = [];
  let [values, same] = [0, 0];
  for (const raws of casesOf(device.type).map((one) => judge.possible(one))) {
    const clock = new FakeClock();
    const bus = busWith(clock, address, targetOf(judge, device, raws, clock));
    const theirs = await drivers.read(chip, address, bus, clock);
    for (const one of compared(fields, await ours(judge, device, raws), theirs)) {
      values += 1;
      const explanation = one.kind === 'same' ? undefined : explanationOf(chip, one);
      if (one.kind === 'same') same += 1;
      else if (explanation !== undefined) explained.set(explanation, (explained.get(explanation) ?? 0) + 1);
      else
        unexplained.push(`${chip} ${said(one)} where ${[...raws].map((pair) => pair.join('=')).join(' ')}`);
    }
  }
  return { chip, driver, values, same, explained, unexplained };
}

function targetOf(judge: JudgedChip, device: Device, raws: RawNumbers, clock: FakeClock): ChipTarget {
  return new ChipTarget({ ...judge, type: device.type, raws, clock });
}

async function ours(judge: JudgedChip, device: Device, raws: RawNumbers): Promise<OurReading> {
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
