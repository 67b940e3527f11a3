// The configuration once it is checked: what the rest of the gateway works with.
import type { WebhookSpec } from '../alarms/spec.js';
import type { Device } from '../device-type.js';
import type { LogLevel } from '../topics.js';

export interface BusConfig {
  readonly id: string;
  readonly path: string;
  readonly bitsPerSecond: number;
  /** A program that resets the bus: its name or path, and its arguments. */
  readonly recovery?: { readonly run: readonly string[]; readonly withinMs: number };
}

/** Paths are relative to the configuration file. */
export interface UsersConfig {
  readonly passwordFile: string;
  readonly aclFile?: string;
  readonly tokenFile?: string;
  readonly anonymous: boolean;
}

/** Paths are relative to the configuration file. */
export interface TlsConfig {
  readonly certificate: string;
  readonly key: string;
  readonly host: string;
  readonly mqttPort: number;
  readonly httpsPort: number;
  readonly clientCa?: string;
  readonly certificateRequired: boolean;
}

/** What the file sets of the broker's limits; by their names there (gateway/broker/mqtt/limits.ts). */
export type LimitSettings = Readonly<Partial<Record<LimitName, number>>>;

type LimitName =
  | 'maxConnections'
  | 'maxConnectionsPerAddress'
  | 'maxPending'
  | 'connectTimeoutMs'
  | 'maxPacketBytes'
  | 'maxTopicLevels'
  | 'maxTopicBytes'
  | 'maxPublishesPerSecond'
  | 'maxBytesPerSecond'
  | 'maxInflightInbound'
  | 'maxInflightOutbound'
  | 'maxSubscriptions'
  | 'maxWriteBufferBytes'
  | 'maxBacklogBytes'
  | 'maxQueuedMessages'
  | 'maxQueuedBytes'
  | 'maxQueuedTotalBytes'
  | 'maxQueuedAgeMs'
  | 'maxSessions'
  | 'sessionExpiryMs'
  | 'maxRetained'
  | 'maxRetainedBytes'
  | 'maxWebSocketFrameBytes';

/** What happens to a new sample when there is no room for it. */
export const WHEN_FULL = ['refuse', 'drop-oldest'] as const;
export type WhenFull = (typeof WHEN_FULL)[number];

export interface RecorderConfig {
  /** Of a recorder that runs alone: its own place among the gateways' topics. */
  readonly name?: string;
  /** Whose telemetry a recorder that runs alone keeps; all of them where absent. */
  readonly gateways?: readonly string[];
  readonly keepMs: number;
  /** Samples that may wait. */
  readonly outboxRows: number;
  readonly whenFull: WhenFull;
  /** What the store's file may hold, and what must stay free on its disk. */
  readonly maxBytes: number;
  readonly minFreeBytes: number;
  /** So long a sample of the gateway's own may wait for its flush. */
  readonly flushWithinMs: number;
  /** Least time between two commits. */
  readonly commitSpacingMs: number;
}

/** What a start does with commands that were acknowledged and had certainly not begun. */
export const AFTER_RESTART = ['reject', 'run'] as const;
export type AfterRestart = (typeof AFTER_RESTART)[number];

export interface CommandsConfig {
  /** So long the id of a command that ran is that command's. */
  readonly repeatWithinMs: number;
  readonly afterRestart: AfterRestart;
}

export interface GatewayConfig {
  readonly gateway: string;
  readonly mqtt: {
    readonly base: string;
    readonly host: string;
    readonly port: number;
    readonly values: boolean;
    /** How often `$SYS/broker` is said; 0: never. */
    readonly sysIntervalMs: number;
    /** Whether requests over the network may write bytes of their choice. */
    readonly rawWrites: boolean;
  };
  readonly http: { readonly host: string; readonly port: number; readonly origins: readonly string[] };
  /** Without it only this machine can connect, and may do everything. */
  readonly users?: UsersConfig;
  readonly tls?: TlsConfig;
  readonly limits: LimitSettings;
  readonly commands: CommandsConfig;
  readonly recorder: RecorderConfig;
  readonly log: {
    readonly level: LogLevel;
    readonly mqtt: LogLevel;
    readonly fileBytes: number;
    readonly files: number;
  };
  /** There where it is told of the devices. */
  readonly homeAssistant?: { readonly discoveryPrefix: string };
  /** Who is told of alarms. */
  readonly webhooks?: readonly WebhookSpec[];
  /** Of the file itself: whether it is taken up when it changes, and changed by requests, and how many states of it are kept then. */
  readonly configuration: { readonly watch: boolean; readonly edit: boolean; readonly keep: number };
  readonly buses: ReadonlyMap<string, BusConfig>;
  readonly devices: ReadonlyMap<string, Device>;
}
