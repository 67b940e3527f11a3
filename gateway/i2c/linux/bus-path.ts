// From the path in the configuration to the number i2c-bus wants, and back for messages.
import { GatewayError } from '../../../shared/errors.js';

const BUS_PATH = /^\/dev\/i2c-(0|[1-9]\d{0,5})$/;

/** `/dev/i2c-1` → 1. Throws config_invalid for any other form: i2c-bus opens nothing else. */
export function busNumberOf(path: string): number {
  const digits = BUS_PATH.exec(path)?.[1];
  if (digits !== undefined) return Number(digits);
  throw new GatewayError(
    'config_invalid',
    `${path} is not the path of a Linux I²C bus. Give /dev/i2c-N (ls /dev/i2c-* lists them), or start with --simulate.`,
  );
}

export function busPathOf(busNumber: number): string {
  return `/dev/i2c-${String(busNumber)}`;
}

export function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}
