// The buses without a gateway: opened by the shell itself, while the data folder's lock keeps a gateway from starting.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stderr } from 'node:process';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { MuxBus } from '../../../bridge/bus/mux.js';
import { Traces } from '../../../bridge/trace/traces.js';
import type { BusConfig, GatewayConfig } from '../../../shared/config/config.js';
import { GatewayError } from '../../../shared/errors.js';
import type { Clock } from '../../../shared/ports.js';
import { rawAccess } from '../../parts/requests.js';
import { loadConfig } from '../../config/load.js';
import { muxesOf } from '../../i2c/build-buses.js';
import { openBus } from '../../i2c/open-bus.js';
import { PlugBoard } from '../../i2c/simulated/plug-board.js';
import { createLogger } from '../../logging/logger.js';
import { exampleConfig } from '../../process/paths.js';
import { rawHandlers } from '../../parts/raw-handlers.js';
import { SingleInstanceLock } from '../../store/file/instance-lock.js';
import { SystemClock } from '../../process/system-clock.js';

export interface DirectOptions {
  /** Id of a bus, or a path such as /dev/i2c-1, for which no configuration is needed. */
  readonly bus?: string;
  readonly config?: string;
  readonly simulate?: boolean;
  readonly data: string;
}

const QUEUE_LIMIT = 16;
/** What a Raspberry Pi's bus runs at; only the simulation asks. */
const BITS_PER_SECOND = 100_000;

/** Runs one request on buses that are opened for it and closed behind it. Rejects as the request does. */
export async function askDirectly(
  options: DirectOptions,
  op: string,
  data: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const { config, simulate, configFolder } = await wiring(options);
  const lock = !simulate && (await exists(options.data)) ? new SingleInstanceLock(options.data) : undefined;
  await lock?.start();
  const clock = new SystemClock();
  const { log } = await createLogger({ level: 'warn', clock, output: stderr, style: 'words' });
  const queues = new Map<string, BusQueue>();
  try {
    for (const bus of wanted(config, data)) {
      const world = { configFolder, clock, log, plugs: new PlugBoard(), onFailure: ignore };
      const opened = await openBus(bus, { ...world, devices: config.devices, simulate });
      queues.set(
        bus.id,
        new BusQueue({ bus: new MuxBus(opened, muxesOf(bus.id, config)), clock, limit: QUEUE_LIMIT }),
      );
    }
    return await handle({ ...config, buses: onlyOpen(config, queues) }, queues, clock, { op, data });
  } finally {
    for (const queue of queues.values()) await queue.close();
    await lock?.stop();
  }
}

function handle(
  config: Pick<GatewayConfig, 'buses' | 'devices'>,
  queues: ReadonlyMap<string, BusQueue>,
  clock: Clock,
  { op, data }: { readonly op: string; readonly data: Readonly<Record<string, unknown>> },
): Promise<unknown> {
  const traces = new Traces(config.devices, clock);
  const raw = rawAccess(config, queues, traces, clock);
  const handler = rawHandlers({ raw, traces }, true).get(op);
  if (handler === undefined) throw new GatewayError('unknown_request', `There is no request ${op}.`);
  return handler(data);
}

interface Wiring {
  readonly config: Pick<GatewayConfig, 'buses' | 'devices'>;
  readonly configFolder: string;
  readonly simulate: boolean;
}

async function wiring({ bus, config: file, simulate = false }: DirectOptions): Promise<Wiring> {
  if (file === undefined && bus?.startsWith('/') === true && !simulate) {
    const buses = new Map([[bus, { id: bus, path: bus, bitsPerSecond: BITS_PER_SECOND }]]);
    return { config: { buses, devices: new Map() }, configFolder: '.', simulate };
  }
  if (file === undefined && !simulate)
    throw new GatewayError(
      'bad_argument',
      'No gateway runs on this data folder. Name the bus with --bus /dev/i2c-1, or --config FILE; or --simulate for the built-in example.',
    );
  const used = file ?? exampleConfig;
  return { config: await loadConfig(used), configFolder: dirname(used), simulate };
}

/** Only what is needed is opened: a bus that is broken must not hinder the work on another. */
function wanted(
  { buses, devices }: Wiring['config'],
  data: Readonly<Record<string, unknown>>,
): readonly BusConfig[] {
  const all = [...buses.values()];
  const name = devices.get(String(data['device']))?.bus ?? data['bus'];
  const named = all.filter(({ id, path }) => id === name || path === name);
  return named.length > 0 ? named : all;
}

/** With the devices of buses that are not open left out nobody can be sent there. */
function onlyOpen(
  { buses }: Wiring['config'],
  queues: ReadonlyMap<string, BusQueue>,
): ReadonlyMap<string, BusConfig> {
  return new Map([...buses].filter(([id]) => queues.has(id)));
}

async function exists(folder: string): Promise<boolean> {
  try {
    await stat(folder);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return false;
    throw new GatewayError('data_unwritable', `The data folder ${folder} cannot be looked into.`, {
      cause: thrown,
    });
  }
}

function ignore(): void {
  // A bus that fails rejects the request as well, with the same error.
}
