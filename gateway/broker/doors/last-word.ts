// Tells a client of MQTT 5 why its connection ends, with a DISCONNECT, or with the CONNACK of a CONNECT that was not taken
// [MQTT-4.13.1-1]. 3.1.1 has no such word.
import type { Client } from 'aedes';
import { speaksVersion5 } from '../mqtt/aedes-client.js';
import { REASON, type Reason } from '../mqtt/reasons.js';

type Connecting = Client & {
  readonly connecting: boolean;
  readonly _parser: { readonly packet: { readonly cmd: string; readonly protocolVersion?: number } };
};

/** The newest of before: what one of them hears where it asks for a version that there is not (MQTT 3.1.1, table 3.1). */
const UNACCEPTABLE_VERSION = Buffer.from([0x20, 2, 0, 1]);

/** Behind everything that is on its way to the client. */
export function sayLast(client: Client, reason: Reason): void {
  if (client.closed || client.conn.destroyed) return;
  const code = REASON[reason];
  if (client.connected) {
    if (speaksVersion5(client)) client.conn.write(Buffer.from([0xe0, 2, code, 0]));
    return;
  }
  const { connecting, _parser: parser } = client as Connecting;
  // aedes has it, and answers it itself.
  if (connecting || parser.packet.cmd !== 'connect') return;
  const { protocolVersion = 0 } = parser.packet;
  if (protocolVersion >= 5) client.conn.write(Buffer.from([0x20, 3, 0, code, 0]));
  else if (reason === 'protocolVersion') client.conn.write(UNACCEPTABLE_VERSION);
}
