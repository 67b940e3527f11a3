// Who acknowledges on a bus, asked in the way that makes a device do the least.
import type { Device } from '../shared/device-type.js';
import { asGatewayError, type ErrorCode, GatewayError } from '../shared/errors.js';
import type { I2cTransaction, QueuedI2cBus } from '../shared/ports.js';

/**
 * `quick`: the address with the write bit and a STOP, no byte (SMBus Quick Write). An Arduino's `onRequest` stays
 * silent; its `onReceive` is called with 0 bytes. `read`: a byte is read, which calls `onRequest` and takes the
 * byte from whoever has one to give.
 */
export type Probe = 'quick' | 'read';

export interface ScanReport {
  readonly bus: string;
  readonly path: string;
  readonly probe: Probe;
  readonly found: readonly Found[];
  /** Configured devices that did not acknowledge. */
  readonly missing: readonly { readonly address: string; readonly device: string }[];
  /** Held by a driver of the Linux kernel: somebody is there, and was not asked. */
  readonly claimed: readonly string[];
  readonly failed: readonly {
    readonly address: string;
    readonly code: ErrorCode;
    readonly message: string;
  }[];
}

interface Found {
  readonly address: string;
  /** The configured device of this address. */
  readonly device?: string;
  readonly type?: string;
}

export interface ScanOptions {
  readonly busId: string;
  readonly path: string;
  readonly bus: QueuedI2cBus;
  /** Those of this bus. */
  readonly devices: readonly Device[];
  readonly probe: Probe;
}

/** All others are reserved by the I²C specification (UM10204, 3.1.12). */
const FIRST_ADDRESS = 0x08;
const LAST_ADDRESS = 0x77;
const DEADLINE_MS = 10_000;
/** A bus that fails so often in a row is not worth the seconds that each of the others would take. */
const MOST_FAULTS_IN_A_ROW = 3;
const FAULTS: ReadonlySet<ErrorCode> = new Set(['timeout', 'bus_fault']);
/** Of one address only; every other error is one of the bus, and all addresses would have it. */
const OF_ADDRESS: ReadonlySet<ErrorCode> = new Set(['no_ack', 'address_claimed', ...FAULTS]);

type Outcome = 'found' | GatewayError;

/** One address after the other, each in its turn of the queue. Rejects with the bus's error where the bus itself fails. */
export async function scanBus({ busId, path, bus, devices, probe }: ScanOptions): Promise<ScanReport> {
  const outcomes = new Map<number, Outcome>();
  let faults = 0;
  for (let address = FIRST_ADDRESS; address <= LAST_ADDRESS; address += 1) {
    const outcome = await probed(bus, address, probe);
    outcomes.set(address, outcome);
    faults = outcome !== 'found' && FAULTS.has(outcome.code) ? faults + 1 : 0;
    if (outcome === 'found') continue;
    if (faults >= MOST_FAULTS_IN_A_ROW || !OF_ADDRESS.has(outcome.code)) throw explained(outcome, probe);
  }
  return { bus: busId, path, probe, ...sorted(outcomes, devices) };
}

async function probed(bus: QueuedI2cBus, address: number, probe: Probe): Promise<Outcome> {
  const transaction: I2cTransaction = probe === 'read' ? { address, readLength: 1 } : { address };
  try {
    await bus.transfer(transaction, { priority: 'poll', deadlineMs: DEADLINE_MS, repeatable: true });
    return 'found';
  } catch (thrown) {
    return asGatewayError(thrown);
  }
}

function explained(error: GatewayError, probe: Probe): GatewayError {
  if (error.code !== 'unsupported' || probe === 'read') return error;
  return new GatewayError(
    'unsupported',
    'This adapter cannot probe without a byte (no SMBus Quick Write). Probing by reading a byte (probe "read") works, but calls onRequest on every Arduino and takes the byte from whoever has one to give.',
    { cause: error },
  );
}

function sorted(
  outcomes: ReadonlyMap<number, Outcome>,
  devices: readonly Device[],
): Pick<ScanReport, 'found' | 'missing' | 'claimed' | 'failed'> {
  const at = new Map(devices.map((device) => [device.address, device]));
  const errors = [...outcomes].flatMap(([address, outcome]) =>
    outcome === 'found' ? [] : [{ address, device: at.get(address), error: outcome }],
  );
  return {
    found: [...outcomes].flatMap(([address, outcome]) =>
      outcome === 'found' ? [found(address, at.get(address))] : [],
    ),
    missing: errors.flatMap(({ address, device, error }) =>
      device === undefined || error.code === 'address_claimed'
        ? []
        : [{ address: hexAddress(address), device: device.id }],
    ),
    claimed: errors
      .filter(({ error }) => error.code === 'address_claimed')
      .map(({ address }) => hexAddress(address)),
    failed: errors
      .filter(({ error }) => FAULTS.has(error.code))
      .map(({ address, error }) => ({ address: hexAddress(address), ...error.toBody() })),
  };
}

function found(address: number, device: Device | undefined): Found {
  const known = device === undefined ? {} : { device: device.id, type: device.type.id };
  return { address: hexAddress(address), ...known };
}

export function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}
