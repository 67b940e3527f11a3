// The address of an outside broker, as given with --mqtt: checked before anything is tried, and never logged with its
// password.
import { GatewayError } from '../../../../shared/errors.js';

const PROTOCOLS = ['mqtt:', 'mqtts:', 'tcp:', 'ssl:', 'tls:', 'ws:', 'wss:'];

export interface BrokerUrl {
  /** Without credentials: for the connection and for the log. */
  readonly address: string;
  readonly hostname: string;
  readonly port: number;
  /** Bytes over TCP, bytes over TLS, or a WebSocket. */
  readonly transport: 'tcp' | 'tls' | 'websocket';
  readonly username?: string;
  readonly password?: string;
}

/** Throws broker_unreachable with a sentence that names what is wrong. */
export function parseBrokerUrl(text: string): BrokerUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !PROTOCOLS.includes(url.protocol) || url.hostname === '') {
    const message =
      'The address of the outside broker must look like mqtt://host:1883, mqtts://host:8883 or ws://host/mqtt.';
    throw new GatewayError('broker_unreachable', message);
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const transport = transportOf(url.protocol);
  return {
    address: url.href,
    // IPv6 addresses stand in brackets in a URL.
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort(url.protocol) : Number(url.port),
    transport,
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}

function transportOf(protocol: string): BrokerUrl['transport'] {
  if (protocol === 'ws:' || protocol === 'wss:') return 'websocket';
  return protocol === 'mqtt:' || protocol === 'tcp:' ? 'tcp' : 'tls';
}

function defaultPort(protocol: string): number {
  if (protocol === 'ws:') return 80;
  if (protocol === 'wss:') return 443;
  return transportOf(protocol) === 'tcp' ? 1883 : 8883;
}
