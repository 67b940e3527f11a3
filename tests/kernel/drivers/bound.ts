// A driver of the kernel, bound to what is at an address of a bus, and what it tells in hwmon or iio.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TheirReading } from '../../drivers/python-drivers.js';
import { until } from '../../support/waiting.js';
import type { KernelChip, KernelFile } from './kernel-chips.js';

const DEVICES = '/sys/bus/i2c/devices';
const APPEARS_WITHIN_MS = 10_000;

/** What the driver reads, once. */
export async function readByKernel(
  bus: string,
  { address, takes, reads }: KernelChip,
): Promise<TheirReading> {
  const adapter = join(DEVICES, basename(bus));
  const number = basename(bus).replace('i2c-', '');
  const device = join(DEVICES, `${number}-${address.toString(16).padStart(4, '0')}`);
  writeFileSync(`${adapter}/new_device`, `${takes} 0x${address.toString(16)}`);
  try {
    const folder = await until(`${takes} in hwmon or iio`, () => toldIn(device), APPEARS_WITHIN_MS);
    return Object.fromEntries(Object.entries(reads).map(([field, file]) => [field, told(folder, file)]));
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  } finally {
    writeFileSync(`${adapter}/delete_device`, `0x${address.toString(16)}`);
  }
}

function toldIn(device: string): string | undefined {
  const hwmon = join(device, 'hwmon');
  if (existsSync(hwmon)) return readdirSync(hwmon).map((name) => join(hwmon, name))[0];
  const iio = existsSync(device)
    ? readdirSync(device).find((name) => name.startsWith('iio:device'))
    : undefined;
  return iio === undefined ? undefined : join(device, iio);
}

/** null where the driver says that it has no such value (EIO). */
function told(folder: string, { files, plus, per }: KernelFile): number | null {
  const number = (file: string): number => Number(readFileSync(join(folder, file), 'utf8'));
  const [first = '', ...others] = files;
  try {
    const raw = number(first) + (plus === undefined ? 0 : number(plus));
    return others.reduce((product, file) => product * number(file), raw) * per;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EIO') return null;
    throw error;
  }
}
