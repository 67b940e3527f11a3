// What kind of controller a bus is: the kernel names its adapter in sysfs.
import { readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Of the Raspberry Pi 1 to 4 and Zero (the Pi 5 has another): `bcm2835 (i2c@7e804000)`. */
const BREAKS_STRETCHING = /^bcm2835\b/;

/** Whether it is known to corrupt bytes when a target stretches the clock. `sysfs` is the folder of the I²C adapters. */
export function breaksClockStretching(path: string, sysfs = '/sys/class/i2c-dev'): boolean {
  return BREAKS_STRETCHING.test(adapterName(path, sysfs));
}

function adapterName(path: string, sysfs: string): string {
  try {
    return readFileSync(join(sysfs, basename(realpathSync(path)), 'name'), 'utf8').trim();
  } catch {
    // No such bus, or no sysfs: nothing is known, and nothing is claimed.
    return '';
  }
}
