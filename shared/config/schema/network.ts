// Who may come in, by which doors, and how much of everything: the sections users, tls and limits.
import { z } from 'zod';
import { duration, durationUpTo, port, size } from './scalars.js';

export const host = z
  .string()
  .regex(/^[A-Za-z0-9.:_-]+$/, 'expected an address or a name: 127.0.0.1, 0.0.0.0, ::1, localhost')
  .default('127.0.0.1');

const file = z.string().min(1);

export const users = z.strictObject({
  password_file: file.meta({
    description: "Mosquitto's password_file; the command `passwd` makes it. A path relative to this file",
  }),
  acl_file: file.optional().meta({
    description:
      "Mosquitto's acl_file; the command `user` makes it. Without it every user may do everything. A path relative to this file",
  }),
  token_file: file.optional().meta({
    description:
      'tokens by which programs are let in over HTTP; the command `token` makes it. A path relative to this file',
  }),
  anonymous: z.boolean().default(false).meta({
    description:
      'let in who gives no name as well, with the rights above the first `user` line; on this machine only',
  }),
});

export const tls = z.strictObject({
  certificate: file.meta({ description: 'PEM file, with the chain' }),
  key: file.meta({ description: 'PEM file' }),
  host: host.meta({ description: 'of the doors with TLS' }),
  mqtt_port: port.default(8883).meta({ description: 'of MQTT with TLS' }),
  https_port: port
    .default(8443)
    .meta({ description: 'of the page, the API and MQTT over WebSocket with TLS' }),
  client_ca: file.optional().meta({
    description: 'PEM file; who has a certificate signed by it is the user of its CN, without a password',
  }),
  client_certificate: z
    .enum(['optional', 'required'])
    .default('optional')
    .meta({ description: '`required`: nobody comes in by TLS without a certificate of `client_ca`' }),
});

const count = z.int().min(1);

/** Without a default here: the broker has its own (gateway/broker/mqtt/limits.ts, whose numbers docs/settings.md has). */
export const limits = z
  .strictObject({
    connections: count.meta({ description: 'MQTT clients at once, by TCP and WebSocket' }),
    connections_per_address: count.meta({ description: 'the same, of one address' }),
    pending: count.meta({
      description: 'connections that have not been let in yet; beyond it the oldest is ended',
    }),
    connect_timeout: durationUpTo('1h').meta({
      description: 'how long one may take to be let in. At most `1h`',
    }),
    packet: size.meta({ description: 'of one packet, by its header; before CONNECT 64 KB' }),
    // aedes takes no more.
    topic_levels: count.max(100).meta({ description: 'levels of a topic or filter, at most 100' }),
    topic_length: count.max(65_535).meta({ description: 'bytes of a topic or filter' }),
    publishes_per_second: count.meta({
      description: 'of one client; what is beyond waits in its own socket',
    }),
    bytes_per_second: size.meta({ description: 'of one client; what is beyond waits in its own socket' }),
    inflight: count.meta({
      description:
        'QoS 2 messages of one client that it has not released; what earlier connections left of them makes room first',
    }),
    inflight_out: count.max(65_535).meta({
      description:
        'QoS 1 and 2 messages of one session that are sent and not acknowledged; the next wait in its queue. Of a clean session nothing is kept',
    }),
    subscriptions: count.meta({
      description:
        "filters of one client; one more is refused, and so is one beyond 10,000 levels or 256 KB of all its filters, or 200,000 levels or 32 MB of all clients'",
    }),
    write_buffer: size.meta({
      description: 'what may wait for a client that does not read; beyond it the client is ended',
    }),
    write_buffer_total: size.meta({
      description: 'the same for all clients together; beyond it the one that is furthest behind is ended',
    }),
    queued_messages: count.meta({ description: 'for one client that is away; the oldest go first' }),
    queued_bytes: size.meta({ description: 'for one client that is away; the oldest go first' }),
    queued_bytes_total: size.meta({
      description:
        'for all that are away, a message that several wait for counted once; beyond it the fullest queue gives its oldest',
    }),
    queued_age: duration.meta({ description: 'how long a message waits for a client that is away' }),
    sessions: count.meta({ description: 'persistent sessions' }),
    session_expiry: duration.meta({ description: 'how long a session waits for its client' }),
    retained_messages: count.meta({ description: 'of clients; what the gateway says itself is not counted' }),
    retained_bytes: size.meta({ description: 'of clients; what the gateway says itself is not counted' }),
    websocket_frame: size.meta({
      description: 'of one WebSocket frame; of who has not been let in yet 256 KB in all',
    }),
  })
  .partial();
