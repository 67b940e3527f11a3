// One bus: whether its file is there and may be opened, what controls it, how fast it is, and who else is on it.
import { permissionAdvice } from '../i2c/linux/permission.js';
import { fail, ok, skipped, warn, type Finding } from './finding.js';
import type { Machine, Owned } from './machine.js';
import { holderWords, type Holders } from './processes.js';

export interface LookedAtBus {
  /** `main`; the path, where no configuration names it. */
  readonly id: string;
  readonly path: string;
  /** What the schedule is reckoned with, where a configuration says so. */
  readonly bitsPerSecond?: number;
  /** Of the configured devices: 0x08 → `tank-1`. */
  readonly devices: ReadonlyMap<number, string>;
}

export interface Self {
  readonly uid: number;
  readonly groups: readonly number[];
}

/** Adapters and what the kernel knows to be behind them, with their drivers. */
const ADAPTERS = 'sys/bus/i2c/devices';
const STRETCH =
  'give every reply a check (CRC), keep onReceive and onRequest short, or use the i2c-gpio overlay: docs/raspberry-pi.md#the-clock-that-is-stretched';

/** The number of the adapter, also behind a name that udev gives. */
export async function adapterNumber(machine: Machine, path: string): Promise<number | undefined> {
  const names = [path, (await machine.link(path)) ?? ''];
  const [digits] = names.flatMap((name) => /(?:^|\/)i2c-(\d+)$/.exec(name)?.[1] ?? []);
  return digits === undefined ? undefined : Number(digits);
}

export async function lookAtBus(
  machine: Machine,
  bus: LookedAtBus,
  { self, holders, isOwnGatewayUp }: { self: Self; holders: Holders; isOwnGatewayUp: boolean },
): Promise<readonly Finding[]> {
  const check = `bus ${bus.id}`;
  const number = await adapterNumber(machine, bus.path);
  const node = await machine.owned(bus.path);
  const model = await machine.text('proc/device-tree/model');
  if (number === undefined || node === undefined) {
    const names = (await machine.names(ADAPTERS)) ?? [];
    const adapters = names.filter((name) => /^i2c-\d+$/.test(name));
    const hasModule = await machine.isThere('sys/class/i2c-dev');
    return [missingBus(check, bus.path, { adapters, hasModule, model })];
  }
  const adapter = `i2c-${String(number)}`;
  const name = (await machine.text(`sys/class/i2c-dev/${adapter}/name`)) ?? '';
  const groups = (await machine.text('etc/group')) ?? '';
  const hz = await machine.bytes(`${ADAPTERS}/${adapter}/of_node/clock-frequency`);
  return [
    rights(`${check} rights`, bus.path, node, { self, groups }),
    controller(`${check} controller`, name, model),
    speed(`${check} speed`, hz?.length === 4 ? hz.readUInt32BE() : undefined, bus.bitsPerSecond),
    drivers(`${check} drivers`, await boundDrivers(machine, number), bus.devices),
    ...others(`${check} others`, `/dev/${adapter}`, holders, isOwnGatewayUp),
  ];
}

export function missingBus(
  check: string,
  path: string,
  about: {
    readonly adapters: readonly string[];
    readonly hasModule: boolean;
    readonly model: string | undefined;
  },
): Finding {
  const { adapters, hasModule, model = '' } = about;
  if (adapters.length > 0 && !hasModule)
    return fail(
      check,
      `there is no ${path}: the kernel knows ${adapters.join(', ')}, but its module i2c-dev is not loaded`,
      'sudo modprobe i2c-dev; and for every start: echo i2c-dev | sudo tee /etc/modules-load.d/i2c.conf',
    );
  if (adapters.length > 0)
    return fail(
      check,
      `there is no ${path}; there is ${adapters.join(', ')}`,
      `name one of these as the bus's path`,
    );
  const advice = model.includes('Raspberry Pi')
    ? 'sudo raspi-config nonint do_i2c 0, then restart: docs/raspberry-pi.md#switch-it-on'
    : 'switch the controller on (device tree, firmware setup), or plug the adapter in; or start with --simulate';
  return fail(check, `there is no ${path}, and no I²C bus at all on this machine`, advice);
}

export function rights(
  check: string,
  path: string,
  { uid, gid, mode }: Owned,
  { self, groups }: { readonly self: Self; readonly groups: string },
): Finding {
  const bits = self.uid === uid ? mode >> 6 : self.groups.includes(gid) ? mode >> 3 : mode;
  if (self.uid === 0 || (bits & 0o6) === 0o6) return ok(check, `this user may open ${path}`);
  const [what, advice] = permissionAdvice(path, { gid, mode }, groups, self.groups);
  return fail(
    check,
    `this user may not open ${path}: ${what.charAt(0).toLowerCase()}${what.slice(1)}`,
    advice,
  );
}

export function controller(check: string, name: string, model: string | undefined): Finding {
  const where = model === undefined ? name : `${name} of a ${model}`;
  if (name === '') return skipped(check, 'the kernel does not name it');
  if (/^bcm2835\b/.test(name))
    return warn(
      check,
      `${where}: it is known to read wrong bytes when a device stretches the clock, without an error`,
      STRETCH,
    );
  return ok(check, where);
}

export function speed(check: string, hz: number | undefined, reckoned: number | undefined): Finding {
  if (hz === undefined)
    return skipped(check, 'the kernel does not tell it; 100 kHz is what most have by default');
  const found = `${String(hz / 1000)} kHz`;
  if (reckoned === undefined || reckoned === hz) return ok(check, found);
  return warn(
    check,
    `${found}, while the schedule is reckoned with ${String(reckoned / 1000)} kHz`,
    `write speed: ${String(hz)} for the bus`,
  );
}

export interface BoundDriver {
  readonly address: number;
  readonly driver: string;
}

async function boundDrivers(machine: Machine, bus: number): Promise<readonly BoundDriver[]> {
  const found: BoundDriver[] = [];
  for (const name of (await machine.names(ADAPTERS)) ?? []) {
    const [, at, address = ''] = /^(\d+)-00([0-9a-f]{2})$/.exec(name) ?? [];
    const driver = await machine.link(`${ADAPTERS}/${name}/driver`);
    if (Number(at) === bus && driver !== undefined)
      found.push({ address: Number.parseInt(address, 16), driver: driver.split('/').at(-1) ?? driver });
  }
  return found;
}

export function drivers(
  check: string,
  bound: readonly BoundDriver[],
  devices: ReadonlyMap<number, string>,
): Finding {
  if (bound.length === 0) return ok(check, 'no driver of the kernel holds an address');
  const words = bound.map(({ address, driver }) => `${hex(address)} by ${driver}`).join(', ');
  const taken = bound.filter(({ address }) => devices.has(address));
  if (taken.length === 0) return ok(check, `the kernel holds ${words}; no configured device is there`);
  const [{ address }] = taken as [BoundDriver];
  return fail(
    check,
    `the kernel holds ${words}, where ${taken.map((one) => devices.get(one.address)).join(', ')} should be`,
    `take the driver's overlay out of config.txt, or give the device another address (${hex(address)} is taken)`,
  );
}

function others(check: string, node: string, holders: Holders, isOwnGatewayUp: boolean): readonly Finding[] {
  const them = holders.of.get(node) ?? [];
  // One of them is the gateway that runs; a second one is of another.
  const own = isOwnGatewayUp ? them.find(({ isGateway }) => isGateway) : undefined;
  const strangers = them.filter((holder) => holder !== own);
  if (strangers.length > 0)
    return [
      warn(
        check,
        `${node} is open in ${holderWords(strangers)} as well`,
        'two programs on one bus spoil each other’s reads: end it, or leave the bus to the gateway alone',
      ),
    ];
  const seen =
    them.length > 0 ? `open in the gateway that runs on this data folder` : 'nobody else has it open';
  const unseen =
    holders.hidden === 0
      ? ''
      : ` (${String(holders.hidden)} processes of other users cannot be looked into; with sudo all can)`;
  return [ok(check, seen + unseen)];
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}
