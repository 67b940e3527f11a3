// Who may come in, by which doors, and how much of everything: the sections users, tls and limits.
import { z } from 'zod';
import { duration, port, size } from './scalars.js';

export const host = z
  .string()
  .regex(/^[A-Za-z0-9.:_-]+$/, 'expected an address or a name: 127.0.0.1, 0.0.0.0, ::1, localhost')
  .default('127.0.0.1');

const file = z.string().min(1);

export const users = z.strictObject({
  password_file: file.meta({ description: "Mosquitto's password_file; the command passwd makes it" }),
  acl_file: file.optional().meta({
    description: "Mosquitto's acl_file; the command user makes it. Without it every user may do everything",
  }),
  anonymous: z
    .boolean()
    .default(false)
    .meta({ description: 'let clients in that give no name, with the rights above the first user line' }),
});

export const tls = z.strictObject({
  certificate: file.meta({ description: 'PEM, with the chain' }),
  key: file.meta({ description: 'PEM' }),
  host,
  mqtt_port: port.default(8883),
  https_port: port.default(8443),
  client_ca: file
    .optional()
    .meta({ description: 'PEM; a client whose certificate it has signed is the user of its CN' }),
  client_certificate: z
    .enum(['optional', 'required'])
    .default('optional')
    .meta({ description: 'required: nobody comes in by TLS without a certificate of client_ca' }),
});

const count = z.int().min(1);

/** Without a default here: the broker has its own (gateway/broker/limits.ts, and the README's table). */
export const limits = z
  .strictObject({
    connections: count,
    connections_per_address: count,
    pending: count,
    connect_timeout: duration,
    packet: size,
    topic_levels: count.max(500),
    topic_length: count.max(65_535),
    publishes_per_second: count,
    bytes_per_second: size,
    inflight: count,
    inflight_out: count.max(65_535),
    subscriptions: count,
    write_buffer: size,
    write_buffer_total: size,
    queued_messages: count,
    queued_bytes: size,
    queued_age: duration,
    sessions: count,
    session_expiry: duration,
    retained_messages: count,
    retained_bytes: size,
    websocket_frame: size,
  })
  .partial();
