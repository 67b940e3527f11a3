// The data folder: whether it can be written, how much room it has, and what kind of disk it lies on.
import { defined } from '../../shared/config/defined.js';
import { fail, ok, skipped, warn, type Finding } from './finding.js';
import type { Machine } from './machine.js';

export interface Disk {
  readonly type: string;
  /** `/dev/mmcblk0p2`, `tmpfs`, `server:/share`. */
  readonly source: string;
  /** `mmcblk0`, where it is one of the machine's own. */
  readonly device?: string;
  readonly isSdCard: boolean;
  /** The most of its life that it has used, in percent: what an eMMC tells of itself. */
  readonly usedPercent?: number;
}

export interface Room {
  readonly freeBytes: number;
  /** Of the store's file, as it is. */
  readonly storeBytes: number;
  readonly minFreeBytes: number;
  readonly maxBytes: number;
}

const NETWORK = /^(nfs4?|cifs|smb3|9p|fuse\.sshfs|ceph|glusterfs)$/;
/** Of its life: the last tenth. */
const WORN_PERCENT = 90;
const WITHOUT_MODES = /^(vfat|msdos|exfat)$/;

/** The disk that the folder (absolute, without links) lies on, by /proc/self/mountinfo: proc_pid_mountinfo(5). */
export async function diskOf(machine: Machine, folder: string): Promise<Disk | undefined> {
  const mounts = ((await machine.text('proc/self/mountinfo')) ?? '').split('\n').flatMap(parseMount);
  const holding = mounts.filter(({ at }) => at === '/' || folder === at || folder.startsWith(`${at}/`));
  // Of two that are mounted at one place the later one is seen.
  const mount = holding.reduce<Mount | undefined>(
    (best, one) => (best === undefined || one.at.length >= best.at.length ? one : best),
    undefined,
  );
  if (mount === undefined) return undefined;
  const { type, source, number } = mount;
  const link = (await machine.link(`sys/dev/block/${number}`)) ?? '';
  const device = /\/block\/([^/]+)/.exec(link)?.[1];
  if (device === undefined) return { type, source, isSdCard: false };
  const kind = await machine.text(`sys/block/${device}/device/type`);
  const used = usedLife(await machine.text(`sys/block/${device}/device/life_time`));
  return { type, source, device, isSdCard: kind === 'SD', ...defined({ usedPercent: used }) };
}

/** JESD84-B51, DEVICE_LIFE_TIME_EST: `0x01 0x02`, of its two kinds of memory; 1 is up to 10 % used, 11 is more than 100. */
function usedLife(text = ''): number | undefined {
  const tenths = text
    .split(/\s+/)
    .map(Number)
    .filter((tenth) => tenth > 0);
  return tenths.length === 0 ? undefined : Math.max(...tenths) * 10;
}

interface Mount {
  readonly at: string;
  /** `179:2` */
  readonly number: string;
  readonly type: string;
  readonly source: string;
}

function parseMount(line: string): readonly Mount[] {
  const [before = '', after = ''] = line.split(' - ');
  const [, , number, , at] = before.split(' ');
  const [type, source] = after.split(' ');
  if (number === undefined || at === undefined || type === undefined || source === undefined) return [];
  return [{ at: unescaped(at), number, type, source: unescaped(source) }];
}

/** A space is `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

export function disk(check: string, found: Disk | undefined): Finding {
  if (found === undefined) return skipped(check, 'the system does not tell what the folder lies on');
  const { type, source, device, isSdCard, usedPercent = 0 } = found;
  const words = `${type} on ${source}`;
  if (type === 'tmpfs' || type === 'ramfs')
    return fail(check, `${words}: in memory, and gone when the machine is`, 'put it on a disk: --data');
  if (type === 'overlay')
    return warn(
      check,
      `${words}: the layer of a container, which goes with it`,
      'mount a volume there, or give another --data',
    );
  if (NETWORK.test(type))
    return warn(
      check,
      `${words}: over the network, where SQLite cannot rely on its locks`,
      'put it on a disk of this machine: --data',
    );
  if (WITHOUT_MODES.test(type))
    return warn(
      check,
      `${words}: it keeps no rights, no sockets, and less over a power cut`,
      'put it on ext4: --data',
    );
  if (usedPercent > WORN_PERCENT)
    return warn(
      check,
      `${words}: ${device ?? 'it'} says that ${usedPercent > 100 ? 'all' : 'nine tenths'} of the writing that it is made for is done`,
      'keep a backup, and change it soon',
    );
  if (isSdCard)
    return ok(
      check,
      `${words}, an SD card (${device ?? '?'}); recorder.commit_every: 10s would write to it less often`,
    );
  return ok(check, words);
}

export function room(check: string, { freeBytes, storeBytes, minFreeBytes, maxBytes }: Room): Finding {
  const free = `${mb(freeBytes)} free`;
  if (freeBytes < minFreeBytes)
    return fail(
      check,
      `${free}: less than recorder.min_free (${mb(minFreeBytes)}), so nothing is recorded`,
      'free space, or put the folder on a larger disk: --data',
    );
  const mayGrowBytes = Math.max(0, maxBytes - storeBytes);
  if (freeBytes - minFreeBytes < mayGrowBytes)
    return warn(
      check,
      `${free}: the store may still grow by ${mb(mayGrowBytes)} (recorder.max_size ${mb(maxBytes)})`,
      `free space, or set recorder.max_size to ${mb(storeBytes + Math.max(0, freeBytes - minFreeBytes)).replace(' ', '')}`,
    );
  return ok(check, free);
}

function mb(bytes: number): string {
  return `${String(Math.floor(bytes / (1024 * 1024)))} MB`;
}
