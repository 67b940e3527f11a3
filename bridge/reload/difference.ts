// What a new configuration changes of the one that runs, and what of that can be taken up while it runs: devices. All else
// is opened at the start and stays until the next.
import type { Settings } from '../../shared/config/check.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Device } from '../../shared/device-type.js';
import { same } from './same.js';

/** A configuration that was checked, and how its settings are written. */
export interface Written {
  readonly config: GatewayConfig;
  readonly settings: Settings;
}

export interface Difference {
  /** Devices, by id. `changed`: in anything, be it a calibration or a label. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** What stays as it was until a restart, as the file calls it: `http.port`, `buses.north`. */
  readonly needsRestart: readonly string[];
  /** Devices, new or changed, on a bus that is not open: they wait for a restart, and run on as they were till then. */
  readonly waiting: readonly string[];
}

/** `running` is what was taken up so far. */
export function differenceOf(running: Written, next: Written): Difference {
  const [before, after] = [running.config.devices, next.config.devices];
  const isOpen = ({ bus }: Device): boolean => running.config.buses.has(bus);
  const news = [...after.values()].filter((device) => !same(before.get(device.id), device));
  const taken = news.filter(isOpen).map(({ id }) => id);
  return {
    added: taken.filter((id) => !before.has(id)),
    removed: [...before.keys()].filter((id) => !after.has(id)),
    changed: taken.filter((id) => before.has(id)),
    needsRestart: sectionsThatDiffer(running, next).flatMap((section) =>
      pathsThatDiffer([section], running.settings[section], next.settings[section]),
    ),
    waiting: news.filter((device) => !isOpen(device)).map(({ id }) => id),
  };
}

/** The devices that run once it is taken up, in the order of the new configuration. */
export function devicesAfter(
  running: ReadonlyMap<string, Device>,
  next: ReadonlyMap<string, Device>,
  { waiting }: Pick<Difference, 'waiting'>,
): readonly Device[] {
  const stays = new Set(waiting);
  return [...next.values()].flatMap((device) =>
    stays.has(device.id) ? (running.get(device.id) ?? []) : device,
  );
}

/** Of the same meaning in other words nothing needs a restart: `1d` and `24h`. */
function sectionsThatDiffer(running: Written, next: Written): string[] {
  const sections = new Set([...Object.keys(running.settings), ...Object.keys(next.settings)]);
  return [...sections].filter((section) => {
    const key = meantBy(section);
    const isMeant = Object.hasOwn(running.config, key) || Object.hasOwn(next.config, key);
    return !isMeant || !same(valueOf(running.config, key), valueOf(next.config, key));
  });
}

/** `home_assistant` is homeAssistant once it is checked. */
function meantBy(section: string): string {
  return section.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function valueOf(config: GatewayConfig, key: string): unknown {
  return new Map<string, unknown>(Object.entries(config)).get(key);
}

/** Down to the single setting; of a bus and a section that comes or goes the whole is named. */
function pathsThatDiffer(path: readonly string[], before: unknown, after: unknown): string[] {
  if (same(before, after)) return [];
  const isWhole = path[0] === 'buses' && path.length === 2;
  if (isWhole || !isSection(before) || !isSection(after)) return [path.join('.')];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => pathsThatDiffer([...path, key], before[key], after[key]));
}

function isSection(data: unknown): data is Settings {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}
