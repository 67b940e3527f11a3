// Plugs an adapter of the far end into the kernel's virtual host controller (vhci-hcd), and pulls it out again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { until } from '../support/waiting.js';

const CONTROLLER = '/sys/devices/platform/vhci_hcd.0';
const USB_DEVICES = '/sys/bus/usb/devices';
const ADAPTERS = '/sys/bus/i2c/devices';
const FULL_SPEED = 2;
/** An emulated processor is slow to find a new device. */
const FIND_WITHIN_MS = 60_000;

export interface PluggedAdapter {
  /** /dev/i2c-N, which is there. */
  readonly path: string;
  /** Out of the port at once; the kernel may need longer to clear up. */
  unplug(): void;
}

/** Resolves when the kernel has made a bus of what is at the other end, told by a first line what to be. */
export async function plugIn(farEnd: { host: string; port: number }, line: string): Promise<PluggedAdapter> {
  // Paused before it connects, so that nothing here reads what is meant for the kernel.
  const socket = new Socket().pause().setNoDelay(true).connect(farEnd);
  await once(socket, 'connect');
  await new Promise((resolve) => socket.write(`${line}\n`, resolve));
  const port = await attachSomewhere(socket);
  socket.destroy();
  const path = await until(`a bus at port ${String(port)}`, () => busAt(port), FIND_WITHIN_MS);
  let isIn = true;
  const unplug = (): void => {
    if (isIn) writeFileSync(`${CONTROLLER}/detach`, String(port));
    isIn = false;
  };
  return { path, unplug };
}

/** The bus of the device at `port`: both drivers name it after the number that the USB device got. */
function busAt(port: number): string | undefined {
  const device = join(USB_DEVICES, `1-${String(port + 1)}`, 'devnum');
  if (!existsSync(device)) return undefined;
  const name = `at bus 001 device ${readFileSync(device, 'utf8').trim().padStart(3, '0')}`;
  const adapters = readdirSync(ADAPTERS).filter((entry) => /^i2c-\d+$/.test(entry));
  const ours = adapters.find((entry) => readFileSync(join(ADAPTERS, entry, 'name'), 'utf8').includes(name));
  const path = `/dev/${String(ours)}`;
  return ours !== undefined && existsSync(path) ? path : undefined;
}

/** A line of `status` is `hs 0003 004 …`: hub, port, and the state, where 4 is free. */
function freePort(): number | undefined {
  const port = /^hs\s+(\d+) 004 /m.exec(readFileSync(`${CONTROLLER}/status`, 'utf8'))?.[1];
  return port === undefined ? undefined : Number(port);
}

/** The port. Somebody else may take the one that was free a moment ago. */
async function attachSomewhere(socket: Socket): Promise<number> {
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const port = await until('a free port of the virtual hub', freePort, FIND_WITHIN_MS);
    if (await attach(port, socket)) return port;
  }
  throw new Error('the kernel takes no device at any port');
}

/** The number written is that of a descriptor of whoever writes: the shell has the socket as its fourth. */
async function attach(port: number, socket: Socket): Promise<boolean> {
  const [descriptor, deviceId] = [3, port + 1];
  const line = [port, descriptor, deviceId, FULL_SPEED].join(' ');
  const shell = spawn('sh', ['-c', `echo "$0" >${CONTROLLER}/attach`, line], {
    stdio: ['ignore', 'inherit', 'inherit', socket],
  });
  return (await once(shell, 'exit'))[0] === 0;
}
