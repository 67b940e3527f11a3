// Plain bytes to and from any address, through the queue that everybody uses: for who looks for a fault at a shell.
import { hex } from '../../shared/codec/hex.js';
import type { Device } from '../../shared/device-type.js';
import { GatewayError } from '../../shared/errors.js';
import type { Clock, QueuedI2cBus } from '../../shared/ports.js';
import { wireOf } from '../device/talk/ask.js';
import { pause } from '../time/pause.js';
import { parseRead, parseScan, parseWrite, type RawPlace, type RawRead } from './raw-payload.js';
import { hexAddress, scanBus, type ScanReport } from './scan-bus.js';
import { unknownDevice } from './unknown-device.js';

/** A bus by its id, with what a person may call it instead. */
export interface NamedBus {
  readonly path: string;
  readonly bus: QueuedI2cBus;
}

export interface RawAccessOptions {
  readonly buses: ReadonlyMap<string, NamedBus>;
  readonly devices: ReadonlyMap<string, Device>;
  /** A device's own view of its bus, which traces what goes over it. */
  readonly busOf: (device: Device) => QueuedI2cBus;
  readonly clock: Clock;
  /** Told what was written to a configured device: it may have made an output safe. */
  readonly onWritten?: ((device: string, bytes: Uint8Array) => void) | undefined;
}

export interface RawAnswer {
  readonly bus: string;
  readonly address: string;
  readonly device?: string;
  /** Hex; what was written, and what came. */
  readonly write?: string;
  readonly read?: string;
  readonly ms: number;
}

/** A person waits for it: less than a poll's patience. */
const DEADLINE_MS = 10_000;

interface Place extends Pick<Device, 'address' | 'via'> {
  readonly busId: string;
  readonly bus: QueuedI2cBus;
  readonly device: Device | undefined;
}

/** Rejects with bad_payload, unknown_device, or the bus's error. */
export class RawAccess {
  readonly #options: RawAccessOptions;

  constructor(options: RawAccessOptions) {
    this.#options = options;
  }

  /** `{bus?, probe?: "quick" | "read"}`. Behind multiplexers it sees where some device is configured there. */
  async scan(data: unknown): Promise<ScanReport> {
    const { bus: name, probe } = parseScan(data);
    const [busId, { path, bus }] = this.#busOf(name);
    const devices = [...this.#options.devices.values()].filter((device) => device.bus === busId);
    return scanBus({ busId, path, bus, devices, probe });
  }

  /** `{device | address, bus?, read, write?, repeated_start?, delay_ms?}` */
  async read(data: unknown): Promise<RawAnswer> {
    const asked = parseRead(data);
    const place = this.#placeOf(asked);
    const startMs = this.#options.clock.monotonicMs();
    const bytes = await this.#ask(place, asked);
    this.#noteWritten(place, asked.write);
    return { ...this.#answer(place, asked.write, startMs), read: hex(bytes) };
  }

  /** What is written before may be a command: only a read alone may be repeated after a fault of the bus. */
  #ask({ bus, ...place }: Place, asked: RawRead): Promise<Uint8Array> {
    const { write, read: readLength, repeated_start: repeatedStart, delay_ms: delayMs } = asked;
    const options = optionsFor(place);
    const wire = wireOf(place);
    const reading = { ...wire, readLength };
    if (write.length === 0) return bus.transfer(reading, { ...options, repeatable: true });
    if (delayMs === 0 || repeatedStart) return bus.transfer({ ...reading, write, repeatedStart }, options);
    return bus.converse(async (transfer, signal) => {
      await transfer({ ...wire, write }, options);
      await pause(this.#options.clock, delayMs, signal);
      return transfer(reading, options);
    });
  }

  /** `{device | address, bus?, write}` */
  async write(data: unknown): Promise<RawAnswer> {
    const { write, ...where } = parseWrite(data);
    const place = this.#placeOf(where);
    const startMs = this.#options.clock.monotonicMs();
    await place.bus.transfer({ ...wireOf(place), write }, optionsFor(place));
    this.#noteWritten(place, write);
    return this.#answer(place, write, startMs);
  }

  #noteWritten({ device }: Place, bytes: Uint8Array): void {
    if (device !== undefined && bytes.length > 0) this.#options.onWritten?.(device.id, bytes);
  }

  #answer({ busId, address, device }: Place, write: Uint8Array, startMs: number): RawAnswer {
    return {
      bus: busId,
      address: hexAddress(address),
      ...(device === undefined ? {} : { device: device.id }),
      ...(write.length === 0 ? {} : { write: hex(write) }),
      ms: Math.round((this.#options.clock.monotonicMs() - startMs) * 10) / 10,
    };
  }

  #placeOf({ device: id, bus: name, address }: RawPlace): Place {
    const { devices, busOf } = this.#options;
    if ((id === undefined) === (address === undefined))
      throw new GatewayError('bad_payload', 'Name either a device or an address.');
    if (address !== undefined) {
      const [busId, { bus }] = this.#busOf(name);
      const device = [...devices.values()].find(
        (one) => one.bus === busId && one.address === address && one.via === undefined,
      );
      return { busId, address, device, bus: device === undefined ? bus : busOf(device) };
    }
    const device = devices.get(id ?? '');
    if (device === undefined) throw unknownDevice(String(id), devices.keys());
    return { ...wireOf(device), busId: device.bus, device, bus: busOf(device) };
  }

  /** By id or path; it may be left out where there is only one. */
  #busOf(name: string | undefined): readonly [string, NamedBus] {
    const all = [...this.#options.buses];
    const found = all.filter(([id, { path }]) => name === undefined || name === id || name === path);
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    const known = all.map(([id, { path }]) => `${id} (${path})`).join(', ');
    throw new GatewayError('bad_payload', `Name the bus; there are: ${known}.`);
  }
}

function optionsFor({ device }: Pick<Place, 'device'>): {
  priority: 'command';
  deadlineMs: number;
  restMs: number;
} {
  return { priority: 'command', deadlineMs: DEADLINE_MS, restMs: device?.type.restMs ?? 0 };
}
