// Just enough of WebSocket (RFC 6455 §5.2) for a load generator: a mask of zeros costs it nothing and the broker its full
// work.

export function upgradeRequest(): string {
  const lines = [
    'GET /mqtt HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: mqtt',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

export class WebSocketFrames {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the current frame still to come. */
  #left = 0;

  wrap(bytes: Buffer): Buffer {
    const short = bytes.length < 126;
    const header = Buffer.alloc(short ? 6 : 8);
    header[0] = 0x82;
    header[1] = 0x80 | (short ? bytes.length : 126);
    if (!short) header.writeUInt16BE(bytes.length, 2);
    return Buffer.concat([header, bytes]);
  }

  /** What the frames of the server hold. */
  *unwrap(chunk: Buffer): Generator<Buffer> {
    let bytes: Buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.alloc(0);
    while (bytes.length > 0) {
      if (this.#left === 0) {
        const length = headerLength(bytes);
        if (bytes.length < length) {
          this.#rest = bytes;
          return;
        }
        this.#left = payloadLength(bytes);
        bytes = bytes.subarray(length);
        continue;
      }
      const part = bytes.subarray(0, this.#left);
      this.#left -= part.length;
      bytes = bytes.subarray(part.length);
      yield part;
    }
  }
}

function headerLength(bytes: Buffer): number {
  const length = (bytes[1] ?? 0) & 0x7f;
  return length === 126 ? 4 : length === 127 ? 10 : 2;
}

function payloadLength(bytes: Buffer): number {
  const length = (bytes[1] ?? 0) & 0x7f;
  if (length === 126) return bytes.readUInt16BE(2);
  return length === 127 ? Number(bytes.readBigUInt64BE(2)) : length;
}
