// A USB device at the end of a socket: answers what the kernel asks, as late as the device likes.
import type { Socket } from 'node:net';
import { control, type VendorRequests } from './usb-device.js';
import { submitAnswer, type UsbIpCommand, UsbIpReader, unlinkAnswer } from './usb-ip.js';

const EPIPE = 32;

/** Returns what takes the stream's bytes from now on. */
export function serveUsb(device: VendorRequests, socket: Socket): (chunk: Buffer) => void {
  const reader = new UsbIpReader();
  const waiting = new Set<number>();
  const answer = async (command: UsbIpCommand): Promise<void> => {
    const { sequence } = command;
    if (command.kind === 'unlink') {
      socket.write(unlinkAnswer(sequence, waiting.delete(command.victim)));
      return;
    }
    const { setup, data } = command;
    waiting.add(sequence);
    const bytes = await control(device, setup, data);
    // What was unlinked meanwhile is not answered any more.
    if (!waiting.delete(sequence) || socket.destroyed) return;
    const status = bytes === undefined ? -EPIPE : 0;
    socket.write(submitAnswer(sequence, status, data.length + (bytes?.length ?? 0), bytes));
  };
  return (chunk) => {
    for (const command of reader.read(chunk))
      answer(command).catch((error: unknown) => {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      });
  };
}
