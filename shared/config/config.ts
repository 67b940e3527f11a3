// The configuration once it is checked: what the rest of the gateway works with.
import type { Device } from '../device-type.js';
import type { LogLevel } from '../topics.js';

export interface BusConfig {
  readonly id: string;
  readonly path: string;
  readonly bitsPerSecond: number;
}

export interface GatewayConfig {
  readonly gateway: string;
  readonly mqtt: {
    readonly base: string;
    readonly host: string;
    readonly port: number;
    readonly values: boolean;
  };
  readonly http: { readonly host: string; readonly port: number };
  readonly recorder: { readonly keepMs: number; readonly outboxRows: number };
  readonly log: {
    readonly level: LogLevel;
    readonly mqtt: LogLevel;
    readonly fileBytes: number;
    readonly files: number;
  };
  readonly buses: ReadonlyMap<string, BusConfig>;
  readonly devices: ReadonlyMap<string, Device>;
}
