// Lets a browser reach an outside broker that has no WebSocket of its own: its MQTT bytes go on as they are.
import { connect as connectTcp } from 'node:net';
import { pipeline } from 'node:stream';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Log } from '../../../../shared/ports.js';
import type { BrokerUrl } from './broker-url.js';

/** A broker that is itself reached by WebSocket needs nobody in between: the stream is ended. */
export function handOn(stream: Duplex, { hostname: host, port, transport }: BrokerUrl, log: Log): void {
  if (transport === 'websocket') {
    stream.destroy();
    return;
  }
  const tls = transport === 'tls';
  const upstream = tls
    ? connectTls({ host, port, servername: host })
    : connectTcp({ host, port, noDelay: true });
  pipeline(stream, upstream, stream, (err) => {
    if (err) log.debug({ err }, 'a client handed on to the outside broker left');
  });
}
