// What the logbook keeps beside the samples: commands with their answers, and events. "Who switched the pump on last
// night" is one question to it.
import type { ErrorBody } from './errors.js';
import type { Occasion, ReplyStatus, Sender } from './messages.js';
import type { Value } from './sample.js';

export const LOGBOOK_KINDS = ['command', 'event'] as const;
export type LogbookKind = (typeof LOGBOOK_KINDS)[number];

interface Entry {
  /** Epoch ms: of the reply, or of what happened. */
  readonly ts: number;
  readonly gateway: string;
}

/** A command that was answered, and who had asked for it. */
export interface CommandEntry extends Entry {
  readonly kind: 'command';
  readonly device: string;
  readonly name: string;
  readonly id: string;
  readonly status: ReplyStatus;
  readonly args?: Readonly<Record<string, Value>>;
  readonly error?: ErrorBody;
  readonly ms: number;
  /** Absent where the broker does not tell: an outside one. */
  readonly by?: Sender;
  /** There where the gateway wrote on its own account: for what reason, and after which command. */
  readonly why?: Occasion;
  readonly of?: string;
  /** It came before, at that time (epoch ms) had this answer, and did not run again. */
  readonly repeats?: number;
}

/** An event, with whatever it says beside its type. */
export interface EventEntry extends Entry {
  readonly kind: 'event';
  /** Such as `device.offline`. */
  readonly name: string;
  readonly device?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export type LogbookEntry = CommandEntry | EventEntry;

export interface LogbookQuery {
  readonly kind?: LogbookKind;
  readonly device?: string;
  /** The id that this device had before it was renamed: entries of that are meant too. */
  readonly formerDevice?: string;
  /** Name of a command, or type of an event. */
  readonly name?: string;
  /** Epoch ms, inclusive. */
  readonly fromTs: number;
  /** Epoch ms, exclusive. */
  readonly toTs: number;
  /** At most this many entries; the newest of the range are kept. */
  readonly limit: number;
  /** Fewer, but at least one, where they have more characters of JSON than this. */
  readonly maxChars?: number;
  /** The key of an entry: only older ones. None where that one is gone, as then all older ones are. */
  readonly before?: string;
}

/** Bounded: beyond its limits of age and number the oldest entries are forgotten. */
export interface Logbook {
  /** Durable when it resolves. An entry that is there already, to the letter, is kept once. */
  note(entry: LogbookEntry): Promise<void>;
  /** Tells an entry from all others. */
  keyOf(entry: LogbookEntry): string;
  /** Oldest first. */
  query(query: LogbookQuery): Promise<readonly LogbookEntry[]>;
}
