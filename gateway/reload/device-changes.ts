// Takes up what has changed of the devices while all others run on: who goes is left in peace and its outputs are made safe,
// who comes is looked for, and whoever names devices to others tells them anew.
import type { DeviceClient } from '../../bridge/device/client.js';
import type { Outlet } from '../../bridge/messages/outlet.js';
import type { SafeOutputs } from '../../bridge/outputs/safe.js';
import type { Left, Poller } from '../../bridge/polling/poller.js';
import { devicesAfter, type Difference } from '../../bridge/reload/difference.js';
import type { Traces } from '../../bridge/trace/traces.js';
import type { Device } from '../../shared/device-type.js';
import type { Clock, Log } from '../../shared/ports.js';
import { within } from '../../shared/within.js';
import type { PlugBoard } from '../i2c/simulated/plug-board.js';
import { isSameHardware } from './same-hardware.js';

type Devices = ReadonlyMap<string, Device>;

export interface DeviceChangesOptions {
  /** Those that run: changed here alone. */
  readonly devices: Map<string, Device>;
  readonly clients: Map<string, DeviceClient>;
  readonly newClient: (device: Device, before: DeviceClient | undefined) => DeviceClient;
  readonly poller: Pick<Poller, 'join' | 'leave'>;
  readonly outputs: Pick<SafeOutputs, 'join' | 'leave'>;
  readonly traces: Pick<Traces, 'forget'>;
  readonly plugs: Pick<PlugBoard, 'plugIn' | 'pullOut' | 'forget'>;
  readonly outlets: readonly Pick<Outlet, 'drained'>[];
  /** Told before the first word of a device that is new, and with all that went silent; what it waits for is bounded here. */
  readonly onDevices: () => Promise<void>;
  /** Told when all of them run. */
  readonly onTaken: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A broker that is away must not hold up the devices. */
const MOST_WAIT_MS = 1500;

export class DeviceChanges {
  readonly #options: DeviceChangesOptions;

  constructor(options: DeviceChangesOptions) {
    this.#options = options;
  }

  /** Never rejects. `next` is all of the new configuration. */
  async take(next: Devices, difference: Difference): Promise<void> {
    const { clients, poller, outputs } = this.#options;
    const { added, removed, changed } = difference;
    if (added.length + removed.length + changed.length === 0) return;
    const lefts = new Map<string, Left | undefined>();
    const before = new Map([...removed, ...changed].flatMap((id) => entryOf(clients, id)));
    for (const [id, client] of before) lefts.set(id, poller.leave(client));
    // From here on nobody commands them.
    for (const id of removed) clients.delete(id);
    const coming = new Set(changed);
    await Promise.all(
      [...before].map(([id, client]) => outputs.leave(client, coming.has(id) ? next.get(id) : undefined)),
    );
    await this.#bounded(Promise.all(this.#options.outlets.map((outlet) => outlet.drained())));
    const devicesBefore: Devices = new Map(this.#options.devices);
    this.#renew(next, difference, before);
    await this.#rewire(devicesBefore, difference);
    await this.#bounded(this.#options.onDevices());
    for (const client of [...added, ...changed].flatMap((id) => clients.get(id) ?? [])) {
      outputs.join(client);
      poller.join(client, lefts.get(client.device.id));
    }
    this.#options.onTaken();
  }

  /** In the order of the file, and at once: nobody sees half of it. */
  #renew(next: Devices, difference: Difference, before: ReadonlyMap<string, DeviceClient>): void {
    const { devices, clients, traces, newClient } = this.#options;
    const all = devicesAfter(devices, next, difference);
    const news = new Set([...difference.added, ...difference.changed]);
    const running = new Map(clients);
    for (const map of [devices, clients]) map.clear();
    for (const id of difference.removed) traces.forget(id);
    for (const device of all) devices.set(device.id, device);
    for (const device of all) {
      const client = news.has(device.id) ? newClient(device, before.get(device.id)) : running.get(device.id);
      if (client !== undefined) clients.set(device.id, client);
    }
  }

  /**
   * Where the buses are simulated, so are the hands that wire them. Who left the configuration is still there, as on a wire; who
   * is another now is taken off first, for its place may be another's.
   */
  async #rewire(before: Devices, { added, removed, changed }: Difference): Promise<void> {
    const { devices, plugs, log } = this.#options;
    const isOther = (id: string): boolean => {
      const [old, now] = [before.get(id), devices.get(id)];
      return old === undefined || now === undefined || !isSameHardware(old, now);
    };
    const exchanged = changed.filter(isOther);
    for (const id of removed) plugs.forget(id);
    for (const id of exchanged) plugs.pullOut(id);
    for (const device of [...added, ...exchanged].flatMap((id) => devices.get(id) ?? [])) {
      try {
        await plugs.plugIn(device);
      } catch (err) {
        log.warn({ err, device: device.id }, 'the device is not simulated');
      }
    }
  }

  async #bounded(work: Promise<unknown>): Promise<void> {
    const { clock, log } = this.#options;
    try {
      await within(work, MOST_WAIT_MS, clock);
    } catch (err) {
      log.warn({ err }, 'not everybody was told of the devices that changed');
    }
  }
}

function entryOf<T>(map: ReadonlyMap<string, T>, id: string): [string, T][] {
  const value = map.get(id);
  return value === undefined ? [] : [[id, value]];
}
