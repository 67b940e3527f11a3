// Who acknowledges on a bus, asked in the way that makes a device do the least.
import { FIRST_ADDRESS, LAST_ADDRESS } from '../../shared/addresses.js';
import type { Device } from '../../shared/device-type.js';
import { asGatewayError, type ErrorCode, GatewayError } from '../../shared/errors.js';
import type { I2cTransaction, MuxChannel, QueuedI2cBus } from '../../shared/ports.js';

/**
 * `quick`: the address with the write bit and a STOP, no byte (SMBus Quick Write). An Arduino's `onRequest` stays
 * silent; its `onReceive` is called with 0 bytes. `read`: a byte is read, which calls `onRequest` and takes the
 * byte from whoever has one to give.
 */
export type Probe = 'quick' | 'read';

/** Who is there, at one place: directly on the bus, or behind a channel of a multiplexer. */
export interface Sweep {
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

export interface ScanReport extends Sweep {
  readonly bus: string;
  readonly path: string;
  readonly probe: Probe;
  /** Every channel of the configured multiplexers; absent where there are none. */
  readonly behind?: readonly ChannelSweep[];
}

export interface ChannelSweep extends Sweep {
  readonly mux: string;
  readonly channel: number;
}

interface Found {
  readonly address: string;
  /** The configured device of this address. */
  readonly device?: string;
  readonly type?: string;
  /** A multiplexer, by the configuration. */
  readonly mux?: true;
}

export interface ScanOptions {
  readonly busId: string;
  readonly path: string;
  readonly bus: QueuedI2cBus;
  /** Those of this bus, also behind its multiplexers. */
  readonly devices: readonly Device[];
  readonly probe: Probe;
}

const ALL_ADDRESSES = Array.from(
  { length: LAST_ADDRESS - FIRST_ADDRESS + 1 },
  (_, index) => FIRST_ADDRESS + index,
);
const DEADLINE_MS = 10_000;
/** A bus that fails so often in a row is not worth the seconds that each of the others would take. */
const MOST_FAULTS_IN_A_ROW = 3;
const FAULTS: ReadonlySet<ErrorCode> = new Set(['timeout', 'bus_fault']);
/** Of one address only; every other error is one of the bus, and all addresses would have it. */
const OF_ADDRESS: ReadonlySet<ErrorCode> = new Set(['no_ack', 'address_claimed', ...FAULTS]);

const CHANNELS = 8;

type Outcome = 'found' | GatewayError;
type Outcomes = ReadonlyMap<number, Outcome>;

/**
 * One address after the other, each in its turn of the queue; then each channel of the configured multiplexers, where
 * who answers on the bus itself is left out. Rejects with the bus's error where the bus itself fails.
 */
export async function scanBus({ busId, path, bus, devices, probe }: ScanOptions): Promise<ScanReport> {
  const chips = new Map(devices.flatMap(({ via }) => (via === undefined ? [] : [[via.mux, via] as const])));
  const muxes = [...chips.keys()].sort();
  const direct = await sweep(bus, probe, ALL_ADDRESSES);
  const report = { bus: busId, path, probe, ...sorted(direct, devicesAt(devices, undefined), muxes) };
  if (muxes.length === 0) return report;
  const behind: ChannelSweep[] = [];
  for (const [mux, chip] of [...chips].sort(([one], [other]) => one - other))
    for (let channel = 0; channel < (chip.enable ?? CHANNELS); channel += 1) {
      const via = { ...chip, channel };
      const outcomes = await behindMux(bus, probe, via, direct);
      const who = devicesAt(devices, via);
      behind.push({ mux: hexAddress(mux), channel, ...sorted(outcomes, who, []) });
    }
  return { ...report, behind };
}

/** Behind one that does not answer nobody does. */
async function behindMux(
  bus: QueuedI2cBus,
  probe: Probe,
  via: MuxChannel,
  direct: Outcomes,
): Promise<Outcomes> {
  const hidden = ALL_ADDRESSES.filter((address) => direct.get(address) !== 'found');
  if (direct.get(via.mux) === 'found') return sweep(bus, probe, hidden, via);
  const none = new GatewayError('no_ack', `The multiplexer at ${hexAddress(via.mux)} does not answer.`);
  return new Map(hidden.map((address) => [address, none]));
}

async function sweep(
  bus: QueuedI2cBus,
  probe: Probe,
  addresses: readonly number[],
  via?: MuxChannel,
): Promise<Outcomes> {
  const outcomes = new Map<number, Outcome>();
  let faults = 0;
  for (const address of addresses) {
    const outcome = await probed(bus, probe, { address, ...(via === undefined ? {} : { via }) });
    outcomes.set(address, outcome);
    faults = outcome !== 'found' && FAULTS.has(outcome.code) ? faults + 1 : 0;
    if (outcome === 'found') continue;
    if (faults >= MOST_FAULTS_IN_A_ROW || !OF_ADDRESS.has(outcome.code)) throw explained(outcome, probe);
  }
  return outcomes;
}

function devicesAt(devices: readonly Device[], via: MuxChannel | undefined): readonly Device[] {
  return devices.filter((device) => device.via?.mux === via?.mux && device.via?.channel === via?.channel);
}

async function probed(bus: QueuedI2cBus, probe: Probe, place: I2cTransaction): Promise<Outcome> {
  const transaction = probe === 'read' ? { ...place, readLength: 1 } : place;
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

function sorted(outcomes: Outcomes, devices: readonly Device[], muxes: readonly number[]): Sweep {
  const at = new Map(devices.map((device) => [device.address, device]));
  const errors = [...outcomes].flatMap(([address, outcome]) =>
    outcome === 'found' ? [] : [{ address, device: at.get(address), error: outcome }],
  );
  return {
    found: [...outcomes].flatMap(([address, outcome]) =>
      outcome === 'found' ? [found(address, at.get(address), muxes.includes(address))] : [],
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

function found(address: number, device: Device | undefined, isMux: boolean): Found {
  const known = device === undefined ? {} : { device: device.id, type: device.type.id };
  return { address: hexAddress(address), ...known, ...(isMux ? { mux: true } : {}) };
}

export function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}
