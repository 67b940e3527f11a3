// A parsed YAML document → the configuration, or every mistake in it at once.
import type { Device, DeviceType } from '../device-type.js';
import { deviceLoad, scheduledLoad } from './budget.js';
import type { BusConfig, GatewayConfig } from './config.js';
import { defined } from './defined.js';
import type { Problem } from './problem.js';
import {
  reportOpenDoors,
  reportSharedPorts,
  resolveLimits,
  resolveMqtt,
  resolveTls,
  resolveUsers,
} from './resolve/network.js';
import { reportFormerIds } from './resolve/former-ids.js';
import { reportMuxChips, resolveBehind } from './resolve/muxes.js';
import { reportSharedAddresses } from './resolve/shared-addresses.js';
import { NO_LIBRARY, withBases, type Library } from './resolve/bases.js';
import { ownAlarms } from './resolve/alarms/alarms.js';
import { resolveWebhooks } from './resolve/alarms/webhooks.js';
import { ownType } from './resolve/own-values.js';
import { resolveType } from './resolve/type.js';
import type { TypeInput } from './schema/type.js';
import { durationMs, parseSizeBytes } from './schema/scalars.js';
import { brokenIds, prototypeKeys, withoutBroken } from './schema/problems.js';
import { configSchema, homeAssistant, type ConfigInput } from './schema/document.js';
import { fit } from './fit.js';

/** All but devices and their types, as the file writes it, with what it leaves out filled in. */
export type Settings = Readonly<Record<string, unknown>>;

export type Checked =
  | { readonly ok: true; readonly config: GatewayConfig; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks what a configuration file holds. `document` is plain data, as a YAML parser gives it. */
export function checkConfig(document: unknown, library: Library = NO_LIBRARY): Checked {
  const poisoned = prototypeKeys(document);
  const raw = withBases(document, library, poisoned);
  const parsed = fit(configSchema, raw);
  if (parsed.success) return conclude(parsed.data, poisoned);
  const problems = [...poisoned, ...parsed.problems.map(ofWhole)];
  // What the schema found must not hide what only resolve can see: look at the sound rest as well.
  const rest = fit(configSchema, withoutBroken(raw, parsed.issues));
  if (!rest.success) return { ok: false, problems };
  const broken = { types: brokenIds(problems, 'types'), buses: brokenIds(problems, 'buses') };
  return { ok: false, problems: [...problems, ...resolve(rest.data, broken).problems] };
}

/** What is no list of settings at all is said so, to whom an object is no word. */
function ofWhole(problem: Problem): Problem {
  if (problem.path.length > 0) return problem;
  return { ...problem, message: 'must be a list of settings with gateway, buses, types and devices' };
}

interface Resolved {
  readonly config: GatewayConfig;
  readonly problems: readonly Problem[];
}

function conclude(input: ConfigInput, poisoned: readonly Problem[]): Checked {
  const { config, problems: found } = resolve(input, { types: new Set(), buses: new Set() });
  const problems = [...poisoned, ...found];
  if (problems.length > 0) return { ok: false, problems };
  const { types: _types, devices: _devices, ...settings } = input;
  return { ok: true, config, settings };
}

// ── what only the whole shows ───────────────────────────────────────────────────────────────────────────

/** Ids that are in the file but too broken to look into: naming them is no mistake of its own. */
interface Broken {
  readonly types: ReadonlySet<string>;
  readonly buses: ReadonlySet<string>;
}

function resolve(input: ConfigInput, broken: Broken): Resolved {
  const problems: Problem[] = [];
  const types = new Map(
    Object.entries(input.types).map(([id, type]) => [
      id,
      { spec: resolveType(id, type, problems), input: type },
    ]),
  );
  const buses = new Map(
    Object.entries(input.buses).map(([id, bus]): [string, BusConfig] => [
      id,
      { id, path: bus.path, bitsPerSecond: bus.speed, ...recoveryOf(bus) },
    ]),
  );
  const devices = resolveDevices(input.devices, types, buses, broken, problems);
  reportSharedPaths(buses, problems);
  reportSharedPorts(input, problems);
  reportOpenDoors(input, problems);
  reportSharedAddresses(devices, problems);
  reportMuxChips(devices, problems);
  reportFormerIds(
    devices.map((device) => ({ ...device, path: ['devices', device.id] })),
    (path, message) => problems.push({ path, message }),
  );
  reportOverload(devices, buses, problems);
  const { mqtt, http, users, tls, limits, log, commands, recorder, gateway } = input;
  const config: GatewayConfig = {
    gateway,
    mqtt: resolveMqtt(mqtt),
    http,
    ...(users === undefined ? {} : { users: resolveUsers(users) }),
    ...(tls === undefined ? {} : { tls: resolveTls(tls) }),
    limits: resolveLimits(limits),
    commands: {
      repeatWithinMs: durationMs(commands.repeat_within),
      afterRestart: commands.after_restart,
    },
    recorder: {
      ...defined({ name: recorder.name, gateways: recorder.gateways }),
      keepMs: durationMs(recorder.keep),
      outboxRows: recorder.outbox,
      whenFull: recorder.when_full,
      maxBytes: parseSizeBytes(recorder.max_size) ?? 0,
      minFreeBytes: parseSizeBytes(recorder.min_free) ?? 0,
      flushWithinMs: durationMs(recorder.flush_within),
      commitSpacingMs: durationMs(recorder.commit_every),
    },
    ...homeAssistantOf(input.home_assistant),
    webhooks: resolveWebhooks(input.alarms, problems),
    log: { level: log.level, mqtt: log.mqtt, files: log.files, fileBytes: parseSizeBytes(log.size) ?? 0 },
    configuration: input.configuration,
    buses,
    devices: new Map(devices.map((device) => [device.id, device])),
  };
  return { config, problems };
}

function homeAssistantOf(input: ConfigInput['home_assistant']): Pick<GatewayConfig, 'homeAssistant'> {
  if (input === false) return {};
  const { discovery_prefix: discoveryPrefix } = input === true ? homeAssistant.parse({}) : input;
  return { homeAssistant: { discoveryPrefix } };
}

function recoveryOf({ recovery }: ConfigInput['buses'][string]): Pick<BusConfig, 'recovery'> {
  if (recovery === undefined) return {};
  return { recovery: { run: recovery.run, withinMs: durationMs(recovery.within) } };
}

function resolveDevices(
  inputs: ConfigInput['devices'],
  types: ReadonlyMap<string, { readonly spec: DeviceType; readonly input: TypeInput }>,
  buses: ReadonlyMap<string, BusConfig>,
  broken: Broken,
  problems: Problem[],
): Device[] {
  return Object.entries(inputs).flatMap(([id, input]) => {
    const type = types.get(input.type);
    if (type === undefined && !broken.types.has(input.type)) {
      problems.push({
        path: ['devices', id, 'type'],
        message: `names the type ${input.type}, which types does not describe${known(types)}`,
      });
    }
    if (!buses.has(input.bus) && !broken.buses.has(input.bus)) {
      problems.push({
        path: ['devices', id, 'bus'],
        message: `names the bus ${input.bus}, which buses does not have${known(buses)}`,
      });
    }
    if (type === undefined) return [];
    const own = ownType(id, input, type, problems);
    const { alarms = [], samples } = own;
    return [
      {
        id,
        type: own,
        alarms: ownAlarms(id, input.alarms, { input: type.input, alarms, samples }, problems),
        bus: input.bus,
        address: input.address,
        ...(input.behind === undefined ? {} : { via: resolveBehind(id, input.behind, problems) }),
        ...defined({ label: input.label, area: input.area, was: input.was }),
      },
    ];
  });
}

function known(ids: ReadonlyMap<string, unknown>): string {
  return ids.size === 0 ? '' : `; known: ${[...ids.keys()].slice(0, 10).join(', ')}`;
}

/** Two buses on one device would be two queues on one wire, and their transactions would overlap. */
function reportSharedPaths(buses: ReadonlyMap<string, BusConfig>, problems: Problem[]): void {
  const holders = new Map<string, string>();
  for (const { id, path } of buses.values()) {
    const holder = holders.get(path);
    if (holder === undefined) holders.set(path, id);
    else
      problems.push({
        path: ['buses', id, 'path'],
        message: `is the bus ${holder} already; put all devices of one wire on one bus`,
      });
  }
}

function reportOverload(
  devices: readonly Device[],
  buses: ReadonlyMap<string, BusConfig>,
  problems: Problem[],
): void {
  for (const bus of buses.values()) {
    const onBus = devices.filter((device) => device.bus === bus.id);
    const load = scheduledLoad(onBus, bus.bitsPerSecond);
    if (load <= 1) {
      for (const device of onBus) reportOverloadOf(device, bus, problems);
      continue;
    }
    const percent = Math.round(load * 100);
    problems.push({
      path: ['buses', bus.id],
      message: `can't hold its schedule: the samples would take ${String(percent)} % of its time at ${String(bus.bitsPerSecond)} bit/s; read less often, shorten rest, or raise speed`,
    });
  }
}

/** A delay leaves the bus to others, but not the device. */
function reportOverloadOf(device: Device, { bitsPerSecond }: BusConfig, problems: Problem[]): void {
  const load = deviceLoad(device, bitsPerSecond);
  if (load <= 1) return;
  problems.push({
    path: ['devices', device.id],
    message: `can't be read as often: its samples, with their delays, would take ${String(Math.round(load * 100))} % of its time; read less often`,
  });
}
