// All looks at the machine, side by side and each with a limit, in the order in which they are told.
import { realpathSync } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Clock } from '../../shared/ports.js';
import { loadConfig } from '../config/load.js';
import { isInUse } from '../store/file/instance-lock.js';
import { storePath } from '../store/file/store.js';
import { bounded, type Look } from './bounded.js';
import { lookAtBus, type LookedAtBus, type Self } from './bus.js';
import { disk, diskOf, room } from './data-folder.js';
import { tls, users } from './doors.js';
import { fail, ok, skipped, type Finding } from './finding.js';
import type { Machine } from './machine.js';
import { port, tryPort, type Port } from './ports.js';
import { listenersAt, openFiles, type Holders } from './processes.js';
import { clock as clockFinding, driver, node, sqlite } from './runtime.js';
import { broker, mongodb } from './servers.js';

export interface Examined {
  readonly configFile: string;
  /** False for the built-in example: then the machine's own buses are looked at, and none of them is needed. */
  readonly isNamed: boolean;
  readonly dataDir: string;
  readonly simulate: boolean;
  readonly brokerUrl?: string | undefined;
  readonly mongodbUri?: string | undefined;
  readonly machine: Machine;
  readonly self: Self;
  readonly clock: Clock;
}

const TIMESYNC = 'run/systemd/timesync';

export async function examine(examined: Examined): Promise<readonly Finding[]> {
  const { machine, clock, dataDir, brokerUrl, mongodbUri, configFile } = examined;
  let config: GatewayConfig | undefined;
  const read = await bounded('configuration', clock, async () => {
    config = await loadConfig(configFile);
    return ok('configuration', `${configFile} is sound`);
  });
  let isOwnGatewayUp = false;
  let holders: Holders = { of: new Map(), hidden: 0 };
  const seen = await bounded('processes', clock, async () => {
    isOwnGatewayUp = await isInUse(dataDir);
    holders = await openFiles(machine, process.pid);
    return [];
  });
  const around = { ...examined, isOwnGatewayUp, holders };
  const looks: (readonly [string, Look])[] = [
    ['node', () => Promise.resolve(node(process.version))],
    ['sqlite', sqlite],
    [
      'clock',
      async () =>
        clockFinding(clock.now(), { folder: `/${TIMESYNC}`, isWatched: await machine.isThere(TIMESYNC) }),
    ],
    ...busLooks(around, config),
    ['data folder', () => dataFolder(around, config)],
    ...(config === undefined ? [] : doorLooks(around, config)),
    [
      'broker',
      async () => (brokerUrl === undefined ? skipped('broker', 'the embedded one') : broker(brokerUrl)),
    ],
    [
      'mongodb',
      async () =>
        mongodbUri === undefined
          ? skipped('mongodb', 'no MONGODB_URI: samples stay in the data folder')
          : mongodb(mongodbUri, clock),
    ],
  ];
  const found = await Promise.all(looks.map(([check, look]) => bounded(check, clock, look)));
  return [...read, ...seen, ...found.flat()];
}

interface Around extends Examined {
  readonly isOwnGatewayUp: boolean;
  readonly holders: Holders;
}

function busLooks(around: Around, config: GatewayConfig | undefined): (readonly [string, Look])[] {
  const { machine, isNamed, simulate } = around;
  if (simulate && isNamed) return [['bus', () => Promise.resolve(skipped('bus', 'simulated'))]];
  if (!isNamed) return [['bus', () => busesOfMachine(around)]];
  const buses = [...(config?.buses.values() ?? [])].map(({ id, path, bitsPerSecond }): LookedAtBus => {
    const own = [...(config?.devices.values() ?? [])].filter((device) => device.bus === id);
    return { id, path, bitsPerSecond, devices: new Map(own.map((device) => [device.address, device.id])) };
  });
  return [
    ['i2c-bus', driver],
    ...buses.map((bus) => [`bus ${bus.id}`, () => lookAtBus(machine, bus, around)] as const),
  ];
}

/** Nobody has said which of them is to be used: what keeps one from being so is no failure. */
async function busesOfMachine(around: Around): Promise<readonly Finding[]> {
  const names = ((await around.machine.names('dev')) ?? []).filter((name) => /^i2c-\d+$/.test(name));
  if (names.length === 0)
    return [skipped('bus', 'the example is simulated, and this machine has no I²C bus')];
  const found = await Promise.all(
    names.map((name) =>
      lookAtBus(around.machine, { id: name, path: `/dev/${name}`, devices: new Map() }, around),
    ),
  );
  return found.flat().map((finding) => (finding.state === 'fail' ? { ...finding, state: 'warn' } : finding));
}

async function dataFolder(
  { machine, dataDir, isOwnGatewayUp }: Around,
  config: GatewayConfig | undefined,
): Promise<readonly Finding[]> {
  const there = await nearestFolder(resolve(dataDir));
  const isMade = there === resolve(dataDir);
  const findings = [await writable(dataDir, there, { isMade, isOwnGatewayUp })];
  const { bavail, bsize } = await statfs(there);
  const { minFreeBytes = 0, maxBytes = 0 } = config?.recorder ?? {};
  const storeBytes = await stat(storePath(dataDir)).then(
    ({ size }) => size,
    () => 0,
  );
  findings.push(room('data room', { freeBytes: bavail * bsize, storeBytes, minFreeBytes, maxBytes }));
  findings.push(disk('data disk', await diskOf(machine, realpathSync(there))));
  return findings;
}

async function writable(
  dataDir: string,
  there: string,
  { isMade, isOwnGatewayUp }: { readonly isMade: boolean; readonly isOwnGatewayUp: boolean },
): Promise<Finding> {
  const check = 'data folder';
  if (!(await may(there, constants.W_OK | constants.X_OK)))
    return isMade
      ? fail(
          check,
          `this user may not write to ${there}`,
          `sudo chown -R $USER ${there}; or give another --data`,
        )
      : fail(
          check,
          `${dataDir} is not there, and this user may not make it in ${there}`,
          `sudo install -d -o $USER ${resolve(dataDir)}; or give another --data`,
        );
  const store = storePath(dataDir);
  if (isMade && (await isThere(store)) && !(await may(store, constants.R_OK | constants.W_OK)))
    return fail(
      check,
      `this user may not write to ${store}`,
      `sudo chown -R $USER ${there}: it ran as somebody else`,
    );
  if (isOwnGatewayUp) return ok(check, `${dataDir}; a gateway runs on it`);
  return ok(check, isMade ? dataDir : `${dataDir} is made at the first start`);
}

async function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

async function isThere(path: string): Promise<boolean> {
  return may(path, constants.F_OK);
}

async function nearestFolder(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isThere || folder === dirname(folder) ? folder : nearestFolder(join(folder, '..'));
}

function doorLooks(around: Around, config: GatewayConfig): (readonly [string, Look])[] {
  const { machine, brokerUrl, configFile, clock } = around;
  const folder = dirname(configFile);
  const { tls: secure, users: known } = config;
  const ports: readonly Port[] = [
    ...(brokerUrl === undefined ? [{ setting: 'mqtt.port', ...config.mqtt }] : []),
    { setting: 'http.port', ...config.http },
    ...(secure === undefined || brokerUrl !== undefined
      ? []
      : [{ setting: 'tls.mqtt_port', host: secure.host, port: secure.mqttPort }]),
    ...(secure === undefined
      ? []
      : [{ setting: 'tls.https_port', host: secure.host, port: secure.httpsPort }]),
  ];
  return [
    ...ports.map((one) => [`port ${one.setting}`, () => lookAtPort(one, around)] as const),
    ...(known === undefined ? [] : [['users', () => users(machine, known, folder)] as const]),
    ...(secure === undefined ? [] : [['tls', () => tls(machine, secure, folder, clock.now())] as const]),
  ];
}

async function lookAtPort(one: Port, { machine, holders, isOwnGatewayUp }: Around): Promise<Finding> {
  const code = one.port === 0 ? undefined : await tryPort(one);
  const who = code === 'EADDRINUSE' ? await listenersAt(machine, one.port, holders) : [];
  return port(one, { code, holders: who, isOwnGatewayUp });
}
