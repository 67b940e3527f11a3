// Devices for tests, described as a user would.
import { parseConfig } from '../../../gateway/config/load.js';
import type { GatewayConfig } from '../../../shared/config/config.js';
import type { Device } from '../../../shared/device-type.js';

export const TANK_YAML = `gateway: test
mqtt: { port: 0 }
http: { port: 0 }
buses:
  main: { path: /dev/i2c-none }
types:
  tank:
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] }
    samples:
      - every: 1s
        write: [0x10]
        read: 5
        check: { kind: crc8, poly: 0x07 }
        fields:
          temperature: { type: int16le, scale: 0.01, unit: °C, min: -40, max: 85 }
          level: { type: uint16le, unit: mm }
    commands:
      pump:
        args: { speed: { type: uint8, max: 100 } }
        write: [0x20, $speed]
        verify: { write: [0x20], read: 1, equals: $speed }
      mix:
        args: { left: { type: uint8 }, right: { type: int16be, scale: 0.1, default: 1.5 } }
        write: [0x30, $left, $right]
      stop: { write: [0x40] }
      feed: { write: [0x50], idempotent: false }
devices:
  tank-1: { type: tank, bus: main, address: 0x08 }
  tank-2: { type: tank, bus: main, address: 0x09 }
`;

export function tankConfig(): GatewayConfig {
  return parseConfig(TANK_YAML, 'test.yaml');
}

/** `tank-1` at 0x08 of the description above. */
export function tank(): Device {
  const device = tankConfig().devices.get('tank-1');
  if (device === undefined) throw new Error('the description has no tank-1');
  return device;
}
