// Where a driver of others and our description say otherwise of the same bytes, and why that is no fault of ours.
import type { Compared } from './compare.js';

interface Explanation {
  readonly kind: Compared['kind'];
  readonly chip?: string;
  readonly fields?: readonly string[];
  /** Where others of the same chip do not say so: the beginning of its name. */
  readonly driver?: string;
  /** The code of our error. */
  readonly code?: string;
  readonly why: string;
}

const NEVER_FF = 'for ever where the first byte is FF, which it takes for a chip that is busy';

const EXPLAINED: readonly Explanation[] = [
  {
    kind: 'ours is null',
    code: 'out_of_range',
    why: 'beyond what the chip measures by its data sheet, the driver computes a number all the same',
  },
  {
    kind: 'ours is null',
    code: 'no_value',
    why: 'the chip says by a bit, or by this very number, that it has none',
  },
  {
    kind: 'ours is null',
    code: 'empty_reply',
    why: 'more than two bytes of nothing but FF, beyond what the chip measures, is a bus where nobody answers',
  },
  {
    kind: 'differs',
    chip: 'ens160',
    driver: 'adafruit',
    fields: ['aqi'],
    why: 'the driver takes two bits of the index, and the data sheet has three (1 to 5)',
  },
  ...['ina228', 'ina237'].map((chip) => ({
    kind: 'differs' as const,
    chip,
    fields: ['bus_voltage'],
    why: 'the driver takes it without its sign; the data sheet has two’s complement, never below 0',
  })),
  {
    kind: 'differs',
    chip: 'ina3221',
    fields: ['shunt_voltage_1', 'shunt_voltage_2', 'shunt_voltage_3'],
    why: 'below 0 the driver is one step of 40 µV too high: it takes ones’ complement for two’s',
  },
  {
    kind: 'differs',
    chip: 'htu21d',
    driver: 'sht21.ko',
    fields: ['temperature', 'humidity'],
    why: 'the kernel calculates in whole numbers: up to 0.013 °C and 0.01 % too low',
  },
  {
    kind: 'differs',
    chip: 'ads7828',
    driver: 'ads7828.ko',
    why: 'the kernel takes a step for 610 µV, which is 610.35 µV',
  },
  {
    kind: 'differs',
    chip: 'shtc3',
    fields: ['temperature', 'humidity'],
    why: 'the driver cuts off what is beyond hundredths, here it is rounded',
  },
  {
    kind: 'theirs is nothing',
    chip: 'tsl2561',
    fields: ['lux'],
    why: 'the driver has no value where there is no light, here it is 0',
  },
  {
    kind: 'differs',
    chip: 'dps310',
    driver: 'adafruit',
    fields: ['temperature'],
    why: 'the driver takes the raw temperature without its sign; the data sheet has two’s complement',
  },
  ...['htu21d', 'si7021'].map((chip) => ({
    kind: 'theirs is nothing' as const,
    chip,
    driver: 'adafruit',
    fields: ['temperature', 'humidity'],
    why: `the driver asks ${NEVER_FF}`,
  })),
  {
    kind: 'differs',
    chip: 'pca9685',
    fields: ['duty_cycle'],
    why: 'the driver takes the moment of off for the time that is on; ours begins with the moment of on',
  },
  {
    kind: 'theirs is nothing',
    chip: 'pca9685',
    fields: ['duty_cycle'],
    why: 'the driver does nothing with a prescale below 3, which no chip has',
  },
];

export function explanationOf(
  chip: string,
  driver: string,
  { field, kind, why }: Compared,
): Explanation | undefined {
  return EXPLAINED.find(
    (one) =>
      one.kind === kind &&
      driver.startsWith(one.driver ?? '') &&
      (one.chip ?? chip) === chip &&
      one.fields?.includes(field) !== false &&
      (one.code ?? why) === why,
  );
}
