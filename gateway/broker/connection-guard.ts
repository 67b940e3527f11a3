// Bounds what one connection can make the broker hold: the packet it sends, and what waits for it to read. Every byte
// passes here, so here they are counted.
import type { Duplex } from 'node:stream';
import type { Traffic } from './broker-counters.js';
import { FrameScanner } from './frame-scanner.js';
import type { FrameFault, FrameLimits } from './frame-scanner.js';

export type Breach = FrameFault | 'not_reading';

export interface ConnectionLimits extends FrameLimits {
  readonly maxWriteBufferBytes: number;
}

/** Takes packets off the bytes before they are parsed; returns what is left. */
export interface Lane {
  read(chunk: Buffer): Buffer | null;
}

/**
 * Wraps `read` and `write` of this one stream; on a breach the stream is destroyed and `breached` told once. Returns
 * how to end it for a breach that somebody else sees.
 * Wrapping the calls, not the stream: a Duplex around a socket would copy and schedule everything twice.
 */
export function guardConnection(
  stream: Duplex,
  limits: ConnectionLimits,
  traffic: Traffic,
  breached: (breach: Breach) => void,
  lane?: Lane,
): (breach: Breach) => void {
  const scanner = new FrameScanner(limits);
  const read = stream.read.bind(stream);
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;

  const end = (breach: Breach): void => {
    if (stream.destroyed) return;
    breached(breach);
    stream.destroy();
  };

  stream.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array)) return chunk;
    const { atPacket, packets } = scanner;
    const fault = scanner.scan(chunk);
    traffic.bytesIn += chunk.length;
    traffic.packetsIn += scanner.packets - packets;
    if (fault !== undefined) {
      end(fault);
      return null;
    }
    return lane === undefined || !atPacket ? chunk : lane.read(asBuffer(chunk));
  };

  stream.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    // The last word is said, and aedes may still acknowledge: that would be an error, which destroys the stream.
    if (stream.writableEnded) return true;
    const accepted = write(chunk, ...rest);
    if (chunk instanceof Uint8Array) traffic.bytesOut += chunk.length;
    if (stream.writableLength > limits.maxWriteBufferBytes) end('not_reading');
    return accepted;
  };
  return end;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
