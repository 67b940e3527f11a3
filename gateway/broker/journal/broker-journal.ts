// Keeps the broker's state (retained messages, sessions with what waits for them, half-done handshakes, wills) over a
// restart or a kill: the store stays in memory, its changes go to a file.
import { join } from 'node:path';
import { GatewayError } from '../../../shared/errors.js';
import type { Clock, Log } from '../../../shared/ports.js';
import type { MemoryPersistence } from '../memory-persistence.js';
import type { StoredPacket } from '../packet.js';
import { JournalFile, type JournalStats } from './journal-file.js';
import { callsFor, recordCalls, replayCalls } from './persistence-calls.js';

export interface BrokerJournalOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
}

export class BrokerJournal {
  readonly #options: BrokerJournalOptions;
  #file: JournalFile | undefined;
  #recording = false;

  constructor(options: BrokerJournalOptions) {
    this.#options = options;
  }

  /**
   * Brings the state back and writes every change down from now on. `isTransient`: topics whose retained messages
   * are said anew at every start. Rejects with data_unwritable.
   */
  async start(store: MemoryPersistence, isTransient: (topic: string) => boolean): Promise<void> {
    const { dataDir, clock, log } = this.#options;
    const worth = (topic: string): boolean => !isTransient(topic);
    const path = join(dataDir, 'broker.journal');
    const snapshot = (): Iterable<unknown> => callsFor(store, worth);
    const file = new JournalFile({ path, snapshot, clock, log });
    try {
      await replayCalls(store, await file.read());
      await file.open();
    } catch (cause) {
      throw new GatewayError('data_unwritable', `The broker cannot keep its journal in ${path}.`, { cause });
    }
    this.#file = file;
    if (this.#recording) return;
    this.#recording = true;
    recordCalls(
      store,
      (call) => this.#file?.append(call),
      (name, args) => isWorth(name, args, worth),
    );
  }

  async stop(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  stats(): JournalStats {
    return this.#file?.stats() ?? { bytes: 0, entries: 0, rewrites: 0, dropped: 0 };
  }

  /** One sentence, while the disk takes nothing. */
  get ailment(): string | undefined {
    const { fault } = this.stats();
    if (fault === undefined) return undefined;
    const why = fault.code === 'ENOSPC' ? 'the disk is full' : fault.message;
    return `The broker's journal cannot be written (${why}): a kill would lose retained messages, sessions and what waits for them.`;
  }
}

/** Most messages are retained by nobody and wait for nobody. */
function isWorth(name: string, args: readonly unknown[], worth: (topic: string) => boolean): boolean {
  if (name === 'storeRetained') return worth((args[0] as StoredPacket).topic);
  return name !== 'outgoingEnqueueCombi' || (args[0] as readonly unknown[]).length > 0;
}
