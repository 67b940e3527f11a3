// From the path in the configuration to the number i2c-bus wants, and back for messages.
import { statSync } from 'node:fs';
import { GatewayError } from '../../../shared/errors.js';
import { linkTarget } from '../../process/link-target.js';

const BUS_PATH = /^\/dev\/i2c-(0|[1-9]\d{0,5})$/;
/** What udev may call a bus (`SYMLINK+="i2c-greenhouse"`) that is not plugged in now. */
const LINK_NAME = /^\/dev\/(?:[\w.:-]+\/)*i2c[-_/][A-Za-z][\w.:/-]*$/;
/** Of i2c-dev: Documentation/admin-guide/devices.txt of the kernel. */
const I2C_MAJOR = 89;

/**
 * `/dev/i2c-1` → 1, also by a link to it, which may lead elsewhere the next time. Throws config_invalid for what is no
 * bus, and bus_unavailable for a link that is not there.
 */
export function busNumberOf(path: string): number {
  const number = numberAt(path);
  if (number !== undefined) return number;
  if (LINK_NAME.test(path) && linkTarget(path) === path)
    throw new GatewayError(
      'bus_unavailable',
      `There is no ${path}. It is a name that udev gives: is the adapter plugged in? (ls -l /dev/i2c*) The bus opens by itself when it is there.`,
    );
  throw new GatewayError(
    'config_invalid',
    `${path} is not the path of a Linux I²C bus. Give /dev/i2c-N (ls /dev/i2c-* lists them), or start with --simulate.`,
  );
}

/** Throws config_invalid where the path can't be one of a bus, whatever is plugged in. */
export function checkBusPath(path: string): void {
  try {
    busNumberOf(path);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.code !== 'bus_unavailable') throw thrown;
  }
}

/** The adapter behind a path: the same for each of its names. A name that leads nowhere now is only its own. */
export function adapterBehind(path: string): string {
  const number = numberAt(path);
  return number === undefined ? path : `adapter ${String(number)}`;
}

export function busPathOf(busNumber: number): string {
  return `/dev/i2c-${String(busNumber)}`;
}

export function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}

/** By the device's own number, or by the name at the end of its links: a node of another name is the same adapter. */
function numberAt(path: string): number | undefined {
  if (!path.startsWith('/')) return undefined;
  if (path.split('/').includes('..')) return undefined;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isCharacterDevice() === true && majorOf(stats.rdev) === I2C_MAJOR) return minorOf(stats.rdev);
  const digits = BUS_PATH.exec(linkTarget(path))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** makedev(3) of Linux: 12 bits of the major number around 20 of the minor. */
function majorOf(device: number): number {
  return (device >> 8) & 0xfff;
}

function minorOf(device: number): number {
  return (device & 0xff) | ((device >> 12) & 0xfff00);
}
