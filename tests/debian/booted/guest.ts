// A machine that QEMU emulates, with systemd as its first process and a shell that does what the test says. Its power can be cut.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { UnpackedKernel } from '../../kernel/machine/debian-kernel.js';
import { QEMU } from '../../kernel/machine/machine.js';
import { until } from '../../support/waiting.js';
import type { Outcome } from '../clean-root.js';

/** An emulated processor is twenty times slower than a real one. */
const BOOTS_WITHIN_MS = 180_000;
const ANSWERS_WITHIN_MS = 180_000;

/** A line that what runs in the background says, in the midst of another's. */
const BETWEEN = /<[a-z]+ \d+>\n/g;

export interface GuestOptions {
  readonly kernel: UnpackedKernel;
  readonly initrd: string;
  readonly disk: string;
  /** Where the kernel and systemd write what they say. */
  readonly console: string;
}

export class Guest {
  readonly #qemu: ChildProcessByStdio<Writable, Readable, null>;
  #said = '';
  #commands = 0;

  private constructor(options: GuestOptions) {
    this.#qemu = spawn(QEMU, argumentsOf(options), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#qemu.stdin.on('error', () => {
      // Its power was cut.
    });
    this.#qemu.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text.replaceAll('\r', '');
    });
  }

  /** Resolves when its shell answers. */
  static async boot(options: GuestOptions): Promise<Guest> {
    const guest = new Guest(options);
    // What is written before the shell is there is lost.
    const ask = setInterval(() => guest.#qemu.stdin.write('echo the shell is there\n'), 1000);
    try {
      await until('its shell', () => guest.#isThere('the shell is there'), BOOTS_WITHIN_MS);
    } finally {
      clearInterval(ask);
    }
    return guest;
  }

  /** All that its shell said, and what runs behind it. */
  get said(): string {
    return this.#said;
  }

  /** Rejects where the machine has gone, or does not answer. */
  async sh(command: string): Promise<Outcome> {
    this.#commands += 1;
    const [begin, end] = [`<begin ${String(this.#commands)}>`, `<end ${String(this.#commands)} `];
    this.#qemu.stdin.write(`echo '${begin}'; { ${command}\n} </dev/null 2>&1; echo "${end}$?>"\n`);
    const pattern = new RegExp(`${begin}\n([\\s\\S]*)${end}(\\d+)>`);
    const [, output = '', code] = await until(
      `an answer to ${command}`,
      () => (this.#isThere(end) ? (pattern.exec(this.#said) ?? undefined) : undefined),
      ANSWERS_WITHIN_MS,
    );
    return { code: Number(code), output: output.replaceAll(BETWEEN, '') };
  }

  /** Between two instructions. What was in its memory is gone. */
  async cutPower(): Promise<void> {
    if (this.#qemu.exitCode !== null || this.#qemu.signalCode !== null) return;
    const closed = once(this.#qemu, 'close');
    this.#qemu.kill('SIGKILL');
    await closed;
  }

  #isThere(text: string): boolean {
    if (this.#qemu.exitCode !== null || this.#qemu.signalCode !== null)
      throw new Error('the machine has ended');
    return this.#said.includes(text);
  }
}

function argumentsOf({ kernel, initrd, disk, console }: GuestOptions): string[] {
  const quiet = ['systemd.mask=serial-getty@ttyS0.service', 'systemd.mask=getty@tty1.service'];
  return [
    ...['-machine', 'q35', '-accel', 'tcg', '-cpu', 'max', '-smp', '2', '-m', '1024'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-chardev', `file,id=console,path=${console}`, '-serial', 'chardev:console'],
    ...['-chardev', 'stdio,id=shell,signal=off', '-serial', 'chardev:shell'],
    ...['-drive', `file=${disk},format=raw,if=none,id=disk`, '-device', 'virtio-blk-pci,drive=disk'],
    ...['-kernel', kernel.vmlinux, '-initrd', initrd],
    ...['-append', ['console=ttyS0 panic=-1 mitigations=off random.trust_cpu=on', ...quiet].join(' ')],
  ];
}
