// The test machine: QEMU with Debian's kernel, an emulated processor, and the files of this one to read.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnpackedKernel } from './debian-kernel.js';
import { EXIT_PORT, firstRoot, SHARED_ROOT } from './first-process.js';

/** As which the machine sees the one it runs on (QEMU's user networking). */
export const HOST_SEEN_FROM_WITHIN = '10.0.2.2';

export const QEMU = 'qemu-system-x86_64';

export interface MachineRun {
  readonly kernel: UnpackedKernel;
  /** For a shell in the machine. */
  readonly command: string;
  /** The machine is switched off after this long. */
  readonly limitMs: number;
  /** What its console shows, as it comes. */
  readonly onOutput: (text: string) => void;
}

/** Resolves with the command's exit code; undefined where the machine ended without one. */
export async function runInMachine(options: MachineRun): Promise<number | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'i2c-mqtt-gateway-machine-'));
  try {
    const initrd = join(folder, 'initrd');
    await writeFile(initrd, await firstRoot(options.kernel, options.command));
    const child = spawn(QEMU, argumentsOf(options.kernel, initrd), { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      options.onOutput(text.replaceAll('\r', ''));
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs);
    const [status] = (await once(child, 'close')) as [number | null];
    clearTimeout(limit);
    // isa-debug-exit ends QEMU with 2 × code + 1; a machine that was switched off or crashed ends it with 0 or a signal.
    return status === null || status % 2 === 0 ? undefined : (status - 1) / 2;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function argumentsOf({ vmlinux }: UnpackedKernel, initrd: string): string[] {
  return [
    ...['-machine', 'q35', '-accel', 'tcg', '-cpu', 'max', '-smp', '2', '-m', '1024'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...['-device', `isa-debug-exit,iobase=${String(EXIT_PORT)},iosize=4`],
    ...['-virtfs', `local,path=/,mount_tag=${SHARED_ROOT},security_model=none,readonly=on,multidevs=remap`],
    ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-kernel', vmlinux, '-initrd', initrd],
    ...['-append', 'console=ttyS0 loglevel=4 panic=-1 mitigations=off random.trust_cpu=on'],
  ];
}
