// Which processes have something open, as far as this user may see: /proc/<pid>/fd, proc(5).
import type { Machine } from './machine.js';

export interface Holder {
  readonly pid: number;
  /** The name of its program: `node`, `mosquitto`. */
  readonly name: string;
  /** A gateway of this program, or the process of one of its buses. */
  readonly isGateway: boolean;
}

export interface Holders {
  /** By what they have open: `/dev/i2c-1`, `socket:[12345]`. */
  readonly of: ReadonlyMap<string, readonly Holder[]>;
  /** Processes of other users, into which nobody but they and root may look. */
  readonly hidden: number;
}

const WANTED = /^(\/dev\/i2c-|socket:\[)/;
const OURS = /i2c-mqtt-gateway|\/dist\/gateway\/(main|i2c\/linux\/bus-process)\.js/;

export async function openFiles(machine: Machine, ownPid: number): Promise<Holders> {
  const of = new Map<string, Holder[]>();
  let hidden = 0;
  const pids = ((await machine.names('proc')) ?? []).filter((name) => /^\d+$/.test(name));
  for (const pid of pids.filter((name) => Number(name) !== ownPid)) {
    const files = await machine.names(`proc/${pid}/fd`);
    if (files === undefined) {
      hidden += 1;
      continue;
    }
    const links = await Promise.all(files.map((file) => machine.link(`proc/${pid}/fd/${file}`)));
    const wanted = new Set(links.filter((link) => link !== undefined && WANTED.test(link)));
    if (wanted.size === 0) continue;
    const line = (await machine.bytes(`proc/${pid}/cmdline`))?.toString('latin1') ?? '';
    // Not `comm` first, which is the name of a thread: what Node calls its own.
    const program = line.split('\0')[0]?.split('/').at(-1) ?? '';
    const name = program === '' ? ((await machine.text(`proc/${pid}/comm`)) ?? '?') : program;
    const holder = { pid: Number(pid), name, isGateway: OURS.test(line) };
    for (const link of wanted) of.set(String(link), [...(of.get(String(link)) ?? []), holder]);
  }
  return { of, hidden };
}

/** `mosquitto (612), a gateway (700)` */
export function holderWords(holders: readonly Holder[]): string {
  return holders
    .map(({ name, pid, isGateway }) => `${isGateway ? 'a gateway' : name} (${String(pid)})`)
    .join(', ');
}

/** Who listens at a TCP port, by the tables of the kernel; empty where that is not to be seen. */
export async function listenersAt(
  machine: Machine,
  port: number,
  { of }: Holders,
): Promise<readonly Holder[]> {
  const tables = [await machine.text('proc/net/tcp'), await machine.text('proc/net/tcp6')];
  const inodes = tables.flatMap((table) => listeningInodes(table ?? '', port));
  return inodes.flatMap((inode) => of.get(`socket:[${inode}]`) ?? []);
}

/** proc_pid_net(5): the second column is the local address, `0100007F:075B`, the fourth the state, 0A is LISTEN. */
function listeningInodes(table: string, port: number): string[] {
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const [, local = '', , state] = columns;
    const inode = columns[9];
    const isIt = state === '0A' && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
    return isIt && inode !== undefined ? [inode] : [];
  });
}
