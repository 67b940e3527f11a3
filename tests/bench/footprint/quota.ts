// A control group of the kernel that has so many per cent of one core: what is in it is as slow as a smaller machine.
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
const PERIOD_US = 10_000;

export interface Quota {
  /** A process joins by its number in this file; its children come along. */
  readonly procs: string;
  remove(): void;
}

/** Throws where this process may not set one. The second version of control groups, or the first. */
export function quotaOf(percent: number): Quota {
  const isFirst = existsSync(join(ROOT, 'cpu', 'cpu.cfs_quota_us'));
  const folder = join(ROOT, ...(isFirst ? ['cpu'] : []), `footprint-${String(process.pid)}`);
  mkdirSync(folder, { recursive: true });
  const procs = join(folder, 'cgroup.procs');
  // Where it is no control group the kernel puts nothing into a new folder.
  if (!existsSync(procs)) throw new Error(`${folder} is no control group: no quota here`);
  const quotaUs = String((percent / 100) * PERIOD_US);
  if (isFirst) {
    writeFileSync(join(folder, 'cpu.cfs_period_us'), String(PERIOD_US));
    writeFileSync(join(folder, 'cpu.cfs_quota_us'), quotaUs);
  } else writeFileSync(join(folder, 'cpu.max'), `${quotaUs} ${String(PERIOD_US)}`);
  return {
    procs,
    remove: () => {
      rmdirSync(folder);
    },
  };
}
