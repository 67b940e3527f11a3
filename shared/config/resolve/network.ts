// The sections users, tls and limits with their units, and what is wrong with them as a whole.
import type { z } from 'zod';
import type { GatewayConfig, LimitSettings, TlsConfig, UsersConfig } from '../config.js';
import { defined } from '../defined.js';
import { isLoopback } from '../loopback.js';
import type { limits, tls, users } from '../schema/network.js';
import type { Problem } from '../problem.js';
import type { ConfigInput } from '../schema/document.js';
import { durationMs, parseSizeBytes } from '../schema/scalars.js';

export interface NetworkInput {
  readonly mqtt: { readonly host: string; readonly port: number };
  readonly http: { readonly host: string; readonly port: number };
  readonly users?: z.output<typeof users> | undefined;
  readonly tls?: z.output<typeof tls> | undefined;
}

export function resolveMqtt(input: ConfigInput['mqtt']): GatewayConfig['mqtt'] {
  const { raw_writes: rawWrites, sys_interval: every, ...mqtt } = input;
  return { ...mqtt, rawWrites, sysIntervalMs: every === 0 ? 0 : durationMs(every) };
}

export function resolveUsers(input: z.output<typeof users>): UsersConfig {
  const { password_file: passwordFile, acl_file: aclFile, token_file: tokenFile, anonymous } = input;
  return { passwordFile, anonymous, ...defined({ aclFile, tokenFile }) };
}

export function resolveTls(input: z.output<typeof tls>): TlsConfig {
  const { certificate, key, host, mqtt_port: mqttPort, https_port: httpsPort } = input;
  const certificateRequired = input.client_certificate === 'required';
  return {
    certificate,
    key,
    host,
    mqttPort,
    httpsPort,
    certificateRequired,
    ...defined({ clientCa: input.client_ca }),
  };
}

export function resolveLimits(input: z.output<typeof limits>): LimitSettings {
  return defined({
    maxConnections: input.connections,
    maxConnectionsPerAddress: input.connections_per_address,
    maxPending: input.pending,
    connectTimeoutMs: milliseconds(input.connect_timeout),
    maxPacketBytes: bytes(input.packet),
    maxTopicLevels: input.topic_levels,
    maxTopicBytes: input.topic_length,
    maxPublishesPerSecond: input.publishes_per_second,
    maxBytesPerSecond: bytes(input.bytes_per_second),
    maxInflightInbound: input.inflight,
    maxInflightOutbound: input.inflight_out,
    maxSubscriptions: input.subscriptions,
    maxWriteBufferBytes: bytes(input.write_buffer),
    maxBacklogBytes: bytes(input.write_buffer_total),
    maxQueuedMessages: input.queued_messages,
    maxQueuedBytes: bytes(input.queued_bytes),
    maxQueuedTotalBytes: bytes(input.queued_bytes_total),
    maxQueuedAgeMs: milliseconds(input.queued_age),
    maxSessions: input.sessions,
    sessionExpiryMs: milliseconds(input.session_expiry),
    maxRetained: input.retained_messages,
    maxRetainedBytes: bytes(input.retained_bytes),
    maxWebSocketFrameBytes: bytes(input.websocket_frame),
  });
}

function milliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : durationMs(text);
}

function bytes(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseSizeBytes(text);
}

/** Beyond this machine nobody may connect without a user (promise 7). */
export function reportOpenDoors(input: NetworkInput, problems: Problem[]): void {
  const { mqtt, http, users: known, tls: secure } = input;
  const doors = [
    ['mqtt', mqtt.host],
    ['http', http.host],
    ['tls', secure?.host],
  ] as const;
  for (const [section, host] of doors) {
    if (host === undefined || isLoopback(host)) continue;
    const path = [section, 'host'];
    if (known === undefined) {
      const message =
        'reaches beyond this machine, where nobody may connect without a user: set users.password_file ' +
        '(the command passwd makes it), or use 127.0.0.1';
      problems.push({ path, message });
    } else if (known.anonymous) {
      const message = 'reaches beyond this machine: set users.anonymous to false, or use 127.0.0.1';
      problems.push({ path, message });
    }
  }
  if (secure?.client_certificate === 'required' && secure.client_ca === undefined)
    problems.push({
      path: ['tls', 'client_certificate'],
      message: 'needs client_ca: who signs the certificates',
    });
}

/** Two listeners on one port: the second would not open. */
export function reportSharedPorts({ mqtt, http, tls: secure }: NetworkInput, problems: Problem[]): void {
  const taken: { readonly section: string; readonly host: string; readonly port: number }[] = [];
  const doors: readonly (readonly [string, string, string, number])[] = [
    ['mqtt', 'port', mqtt.host, mqtt.port],
    ['http', 'port', http.host, http.port],
    ...(secure === undefined
      ? []
      : ([
          ['tls', 'mqtt_port', secure.host, secure.mqtt_port],
          ['tls', 'https_port', secure.host, secure.https_port],
        ] as const)),
  ];
  for (const [section, key, host, port] of doors) {
    const holder = taken.find((other) => other.port === port && areOneHost(other.host, host));
    taken.push({ section, host, port });
    if (holder === undefined || port === 0) continue;
    problems.push({
      path: [section, key],
      message: `is the port of ${holder.section} as well; choose another`,
    });
  }
}

/** Every address of the machine takes in each; localhost is one of the two of loopback, whichever the machine says. */
function areOneHost(one: string, other: string): boolean {
  const hosts = [one.toLowerCase(), other.toLowerCase()];
  if (hosts[0] === hosts[1] || hosts.some((host) => host === '0.0.0.0' || host === '::')) return true;
  return (
    hosts.includes('localhost') && hosts.every((host) => ['localhost', '127.0.0.1', '::1'].includes(host))
  );
}
