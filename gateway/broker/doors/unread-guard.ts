// Bounds what may wait for one client to read, and ends a connection that goes beyond its limits. Every byte to a client
// passes here, so here they are counted.
import type { Duplex } from 'node:stream';
import type { Traffic } from '../counters/counters.js';
import type { FrameFault } from '../mqtt/frame-scanner.js';

export type Breach = FrameFault | 'not_reading';

export interface WriteLimits {
  readonly maxWriteBufferBytes: number;
}

/**
 * Wraps `write` of this one stream; on a breach the stream is destroyed and `breached` told once. Returns how to end it
 * for a breach that somebody else sees.
 * Wrapping the call, not the stream: a Duplex around a socket would copy and schedule everything twice.
 */
export function guardConnection(
  stream: Duplex,
  limits: WriteLimits,
  traffic: Traffic,
  breached: (breach: Breach) => void,
): (breach: Breach) => void {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;

  const end = (breach: Breach): void => {
    if (stream.destroyed) return;
    breached(breach);
    stream.destroy();
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
