// The hand at the simulated wires: pulls a device off its bus and puts it back, while the gateway runs.
import { z } from 'zod';
import { explain } from '../../../bridge/payload/explain.js';
import { GatewayError } from '../../../shared/errors.js';
import type { Device } from '../../../shared/device-type.js';
import type { MuxChannel } from '../../../shared/ports.js';
import { fit } from '../../../shared/config/fit.js';
import type { SimulatedBus } from './bus.js';
import type { SimulatedTarget } from './target.js';

interface Plug {
  readonly bus: SimulatedBus;
  readonly address: number;
  readonly via?: MuxChannel;
  readonly target: SimulatedTarget;
}

export const plugRequest = z.strictObject({ device: z.string(), plugged: z.boolean() });

export class PlugBoard {
  readonly #plugs = new Map<string, Plug>();
  readonly #makers = new Map<string, (device: Device) => Promise<void>>();

  /** Plugs a device in for the first time. */
  add(device: string, plug: Plug): void {
    this.#plugs.set(device, plug);
    plug.bus.attach(plug.address, plug.target, plug.via);
  }

  /** `plugIn` makes a device of that bus, and adds it here. */
  serve(bus: string, plugIn: (device: Device) => Promise<void>): void {
    this.#makers.set(bus, plugIn);
  }

  /** A device that is new in the configuration; none where its bus is a real one. Rejects as the opening of its bus does. */
  async plugIn(device: Device): Promise<void> {
    await this.#makers.get(device.bus)?.(device);
  }

  /** It has left the configuration, and stays where it is wired. */
  forget(device: string): void {
    this.#plugs.delete(device);
  }

  /** Off its bus for good. */
  pullOut(device: string): void {
    const plug = this.#plugs.get(device);
    plug?.bus.detach(plug.address, plug.via);
    this.#plugs.delete(device);
  }

  /** Handles `request/simulate`: `{device, plugged}`. Rejects with bad_payload or unknown_device. */
  answer(data: unknown): Promise<{ readonly device: string; readonly plugged: boolean }> {
    const parsed = fit(plugRequest, data);
    if (!parsed.success) {
      const why = explain(parsed.problems);
      return Promise.reject(new GatewayError('bad_payload', `Expected {"device","plugged"}: ${why}`));
    }
    const { device, plugged } = parsed.data;
    const plug = this.#plugs.get(device);
    if (plug === undefined) {
      return Promise.reject(
        new GatewayError('unknown_device', `No simulated device ${device.slice(0, 64)} is there.`),
      );
    }
    if (plugged) plug.bus.attach(plug.address, plug.target, plug.via);
    else plug.bus.detach(plug.address, plug.via);
    return Promise.resolve({ device, plugged });
  }
}
