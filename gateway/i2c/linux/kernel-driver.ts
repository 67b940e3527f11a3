// Which driver of the kernel holds an address: sysfs knows.
import { readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import { errnoOf, type Place } from './errno.js';

/** For example `rtc-ds1307`; undefined where no driver is bound. `devices` is sysfs' folder of I²C devices. */
export function kernelDriverAt(
  { busNumber, address }: Place,
  devices = '/sys/bus/i2c/devices',
): string | undefined {
  const device = `${String(busNumber)}-${address.toString(16).padStart(4, '0')}`;
  try {
    return basename(readlinkSync(join(devices, device, 'driver')));
  } catch (thrown) {
    if (errnoOf(thrown) === constants.errno.ENOENT) return undefined;
    throw thrown;
  }
}
