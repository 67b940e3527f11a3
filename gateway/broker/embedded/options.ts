// What the embedded broker is made of and bounded by.
import type { Clock, Log } from '../../../shared/ports.js';
import type { Topics } from '../../../shared/topics.js';
import type { BrokerJournal } from '../journal/journal.js';
import type { BrokerLimits } from '../mqtt/limits.js';
import type { Doorkeeper } from '../rights/doorkeeper.js';

export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0 lets the system choose; `port` tells which. */
  readonly port: number;
  readonly topics: Topics;
  /** Where else the gateway says something that is retained: no limit for clients counts there. */
  readonly told?: ReadonlySet<string>;
  readonly log: Log;
  readonly clock: Clock;
  readonly limits?: Partial<BrokerLimits>;
  /** Whom to let in, and with which rights; without it everybody, with all. */
  readonly doorkeeper?: Doorkeeper;
  /** Without it a restart forgets retained messages, sessions and wills of clients. */
  readonly journal?: BrokerJournal;
  /** Of the program, for `$SYS/broker/version`. */
  readonly version?: string;
  /** How often `$SYS/broker` is said; 0: never. Default: 10 s. */
  readonly sysIntervalMs?: number;
  /** `aedes`: by its own functions, slowly; for tests that compare both ways. */
  readonly delivery?: 'direct' | 'aedes';
}
