// How much of the processor a process has had.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Of one core, in s, since it began. */
export async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${String(pid)}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}
