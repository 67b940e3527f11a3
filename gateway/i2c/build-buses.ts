// The configured buses as parts: each opened for real or simulated, and every step of its recovery said.
import { MuxBus } from '../../bridge/bus/mux.js';
import { ONCE, type Outlet } from '../../bridge/messages/outlet.js';
import type { RecoveryStep } from '../../bridge/bus/step-sayer.js';
import type { BusConfig, GatewayConfig } from '../../shared/config/config.js';
import { GatewayError } from '../../shared/errors.js';
import type { EventMessage } from '../../shared/messages.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import { BusPart, type BusPartOptions } from './bus-part.js';
import { oneWire, sameWire } from './linux/one-wire.js';
import { openBus } from './open-bus.js';
import { recoveryHook } from './recovery-hook.js';
import type { PlugBoard } from './simulated/plug-board.js';

export interface BusesOptions {
  readonly config: GatewayConfig;
  readonly configFolder: string;
  readonly simulate: boolean;
  readonly plugs: PlugBoard;
  readonly clock: Clock;
  readonly log: Log;
  readonly topics: Topics;
  readonly outlet: Outlet;
  /** Told when a bus is down: the part of this name is to be started again. */
  readonly fail: (part: string, error: GatewayError) => void;
  /** A driver module in place of i2c-bus, for tests. */
  readonly driver?: string;
}

export function buildBuses(options: BusesOptions): ReadonlyMap<string, BusPart> {
  return new Map([...options.config.buses.values()].map((bus) => [bus.id, buildBus(bus, options)]));
}

function buildBus(bus: BusConfig, options: BusesOptions): BusPart {
  const { config, clock, fail } = options;
  const log = options.log.child({ bus: bus.id });
  let opened: MuxBus | undefined;
  const part: BusPart = new BusPart({
    ...hookOf(bus, { ...options, log }),
    id: bus.id,
    clock,
    // A new one each time: after a reopening nobody knows which channels are open.
    open: async (onLost) => {
      if (!options.simulate) refuseOneWire(bus, config);
      const wire = await openBus(bus, { ...options, devices: config.devices, log, onFailure: onLost });
      opened = new MuxBus(wire, muxesOf(bus.id, config));
      return opened;
    },
    onOtherDevices: () => {
      opened?.useMuxes(muxesOf(bus.id, config));
    },
    onStep: (step) => {
      sayStep(bus.id, step, { ...options, log });
    },
    onDown: (error) => {
      fail(part.name, error);
    },
  });
  return part;
}

/** Since the start a link may have been made to lead elsewhere. */
function refuseOneWire(bus: BusConfig, { buses }: Pick<GatewayConfig, 'buses'>): void {
  const others = [...buses.values()].filter(({ id }) => id !== bus.id);
  const other = sameWire(bus, others);
  if (other !== undefined)
    throw new GatewayError('bus_unavailable', `${oneWire(bus, other)} by now; it is not opened twice.`);
}

/** A simulated bus must not reset a real one. */
export function hookOf(
  { recovery, path }: Pick<BusConfig, 'recovery' | 'path'>,
  { simulate, clock, log }: Pick<BusesOptions, 'simulate' | 'clock' | 'log'>,
): Pick<BusPartOptions, 'hook' | 'hookWithinMs'> {
  if (recovery === undefined || simulate) return {};
  return { hook: recoveryHook(recovery, path, { clock, log }), hookWithinMs: recovery.withinMs };
}

/** The addresses of all multiplexers on a bus. */
export function muxesOf(bus: string, { devices }: Pick<GatewayConfig, 'devices'>): readonly number[] {
  return [...devices.values()].flatMap((device) =>
    device.bus === bus && device.via !== undefined ? [device.via.mux] : [],
  );
}

function sayStep(
  bus: string,
  step: RecoveryStep,
  { outlet, topics, clock, log }: Pick<BusesOptions, 'outlet' | 'topics' | 'clock' | 'log'>,
): void {
  const { type, message, ...facts } = step;
  if (type === 'bus.up') log.info(facts, 'the bus works again');
  else log.warn(facts, `${type}: ${message}`);
  const event: EventMessage = { type, ts: clock.now(), bus, ...facts, message };
  outlet.json(topics.event, event, ONCE);
}
