// What a process and all of its children cost, as the kernel counts it.
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: of /proc/<pid>/stat it is a hundredth of a second on every Linux of today (man 5 proc). */
const TICK_MS = 10;

export interface Cost {
  /** Of all cores. */
  readonly cpuMs: number;
  /** Pages that are shared count by their share. */
  readonly pssMb: number;
  /** Pages that are to be written to the disk. */
  readonly writtenBytes: number;
}

export function costOf(pid: number): Cost {
  const costs = familyOf(pid).map(ownCost);
  const sum = (pick: (cost: Cost) => number): number => costs.reduce((all, cost) => all + pick(cost), 0);
  return {
    cpuMs: sum(({ cpuMs }) => cpuMs),
    pssMb: sum(({ pssMb }) => pssMb),
    writtenBytes: sum(({ writtenBytes }) => writtenBytes),
  };
}

function familyOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${String(pid)}/task`);
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/${String(pid)}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

function ownCost(pid: number): Cost {
  const of = (file: string): string => readFileSync(`/proc/${String(pid)}/${file}`, 'utf8');
  // Behind the name in brackets, which may have blanks: utime and stime are its 12th and 13th.
  const stat = of('stat');
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return {
    cpuMs: (user + system) * TICK_MS,
    pssMb: Number(/^Pss:\s+(\d+)/m.exec(of('smaps_rollup'))?.[1]) / 1024,
    writtenBytes: Number(/^write_bytes: (\d+)$/m.exec(of('io'))?.[1]),
  };
}
