// What is kept of commands across a kill: the port between who runs them and the store.

/** When something was, by every clock there is. */
export interface Moment {
  /** Wall clock, epoch ms. May have jumped since, or may have been wrong. */
  readonly ts: number;
  /** Whether the wall clock could be believed. */
  readonly synchronised: boolean;
  /** The run of the machine, from its start to its end; `uptimeMs` of one run tell the time between them for certain. */
  readonly machine: string;
  readonly uptimeMs: number;
}

/** Which command is meant: two that are equal in all of it would do the same. */
export interface CommandMeaning {
  readonly device: string;
  readonly name: string;
  /** Its checked arguments and its duration, as text. Undefined: of a file that did not keep it, and so any. */
  readonly asked: string | undefined;
}

/** A message as the connection numbers it, so that one which comes again without an answer is known again. */
export interface DeliveryMark {
  /** Sender, packet identifier, and what tells its content from another's. */
  readonly place: string;
  /** The sender says that it has sent it before (MQTT's DUP). */
  readonly again: boolean;
}

/** A command that came, as it is kept before it runs. */
export interface IncomingCommand {
  /** See `idKey` and `ownKey`. */
  readonly key: string;
  readonly meaning: CommandMeaning & { readonly asked: string };
  readonly delivery?: DeliveryMark;
  readonly at: Moment;
  /** The process that took it. */
  readonly boot: string;
  /** It may go to the wire at any moment from now on. */
  readonly begun: boolean;
  /** What it takes to run or to answer it later: JSON text. */
  readonly body: string;
  /** Its answer (JSON text) where it was refused unheard. */
  readonly reply?: string;
}

/** What is known of a command that comes. */
export type CommandMemory =
  /** Nothing: it is kept now, at this place. */
  | { readonly state: 'new'; readonly position: number }
  /** It came before, under this key; without a reply it is not answered yet. */
  | { readonly state: 'known'; readonly key: string; readonly reply?: string }
  /** Its id was another command's a moment ago: that one's names. */
  | { readonly state: 'reused'; readonly device: string; readonly name: string };

/** A command that a process took and did not answer. */
export interface LeftCommand {
  readonly position: number;
  readonly key: string;
  readonly device: string;
  readonly name: string;
  readonly at: Moment;
  /** It may have been on the wire. */
  readonly begun: boolean;
  readonly body: string;
}

/** An answer that is not known to have left. */
export interface UnsaidAnswer {
  readonly position: number;
  readonly key: string;
  readonly device: string;
  readonly name: string;
  readonly reply: string;
}

/**
 * Every command that was taken, until it is answered and for a time after. Bounded in rows and bytes: the oldest that are
 * answered go first, those that are not never. Each call is durable when it resolves.
 */
export interface CommandJournal {
  /** Resolves when all that was kept before is on the disk. Rejects with the store's errors. */
  flushed(): Promise<void>;
  /** Rejects with queue_full where too many are not answered, and with the store's errors. */
  accept(command: IncomingCommand): Promise<CommandMemory>;
  /** They may be on the wire from now on. */
  begin(keys: readonly string[]): Promise<void>;
  /** Keeps the answer, and resolves with its place. `mayRunAgain`: it never ran, and its id may be used again. */
  finish(key: string, reply: string, mayRunAgain: boolean): Promise<number>;
  /** These answers have left. Nobody waits for it to be on disk: told twice is better than never. */
  said(positions: readonly number[]): Promise<void>;
  /** Taken by other processes than `boot` and not answered, oldest first, behind a position. */
  left(boot: string, after: number, limit: number): Promise<readonly LeftCommand[]>;
  /** Oldest first, behind a position. */
  unsaid(after: number, limit: number): Promise<readonly UnsaidAnswer[]>;
  stats(): Promise<CommandJournalStats>;
}

export interface CommandJournalStats {
  readonly rows: number;
  readonly chars: number;
  /** Answers that could not be told and made room for newer ones, since the start. */
  readonly forgottenAnswers: number;
}

/** The key of a command with an id, be it the sender's or a made one. */
export function idKey(id: string): string {
  return `=${id}`;
}

/** Of what takes up no id: such a key is no id's. */
export function ownKey(made: string): string {
  return `#${made}`;
}

/** Of a key that `idKey` made. */
export function idOfKey(key: string): string {
  return key.slice(1);
}
