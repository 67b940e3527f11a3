// Keeps the broker's state (retained messages, sessions with what waits for them, half-done handshakes, wills) over a
// restart or a kill: the store stays in memory, its changes go to a file.
import { basename, join } from 'node:path';
import { GatewayError } from '../../../shared/errors.js';
import type { Clock, Log } from '../../../shared/ports.js';
import type { MemoryPersistence } from '../sessions/memory-persistence.js';
import type { Fact } from '../sessions/fact.js';
import { setAside } from '../../store/file/set-aside.js';
import { factOf, factsOf, writtenFact } from './fact-lines.js';
import { replayFormerCall } from './former-calls.js';
import { JournalFile, type JournalStats } from './file.js';

export interface BrokerJournalOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
}

export class BrokerJournal {
  readonly #options: BrokerJournalOptions;
  #file: JournalFile | undefined;
  #setAside: string | undefined;

  constructor(options: BrokerJournalOptions) {
    this.#options = options;
  }

  /**
   * Brings the state back and writes every change down from now on. `isTransient`: topics whose retained messages
   * are said anew at every start. Rejects with data_unwritable.
   */
  async start(store: MemoryPersistence, isTransient: (topic: string) => boolean): Promise<void> {
    const { dataDir, clock, log } = this.#options;
    const path = join(dataDir, 'broker.journal');
    const isWorth = (fact: Fact): boolean =>
      !(fact[0] === 'retained' && isTransient(fact[1].topic)) &&
      !(fact[0] === 'unretained' && isTransient(fact[1]));
    const snapshot = (): Iterable<unknown> => writtenFacts(factsOf(store.state()), isWorth);
    const file = new JournalFile({ path, snapshot, clock, log });
    try {
      await this.#restore(store, file, path);
      // What happens while the state is written goes behind it.
      store.recordTo((fact) => {
        if (isWorth(fact)) this.#file?.append(writtenFact(fact));
      });
      this.#file = file;
      await file.open();
    } catch (cause) {
      this.#file = undefined;
      throw new GatewayError('data_unwritable', `The broker cannot keep its journal in ${path}.`, { cause });
    }
  }

  /** A journal that can't be read to its end is moved out of the way, whole: what was read of it counts. */
  async #restore(store: MemoryPersistence, file: JournalFile, path: string): Promise<void> {
    const { clock, log } = this.#options;
    try {
      await readInto(store, file.read(), log);
    } catch (err) {
      this.#setAside = setAside(path, new Date(clock.now()));
      log.error(
        { err, setAside: this.#setAside },
        `The broker's journal could not be read to its end. It was set aside as ${basename(this.#setAside)} and a new one begun: retained messages, sessions and what waited for them may be missing.`,
      );
    }
    store.restored();
  }

  async stop(): Promise<void> {
    try {
      await this.#file?.close();
    } finally {
      this.#file = undefined;
    }
  }

  stats(): JournalStats {
    const stats = this.#file?.stats() ?? { bytes: 0, entries: 0, rewrites: 0, dropped: 0 };
    return this.#setAside === undefined ? stats : { ...stats, setAside: this.#setAside };
  }

  /** One sentence, while the disk takes nothing. */
  get ailment(): string | undefined {
    const { fault } = this.stats();
    if (fault === undefined) return undefined;
    const why = fault.code === 'ENOSPC' ? 'the disk is full' : fault.message;
    return `The broker's journal cannot be written (${why}): a kill would lose retained messages, sessions and what waits for them.`;
  }
}

async function readInto(store: MemoryPersistence, entries: AsyncIterable<unknown>, log: Log): Promise<void> {
  let unknown = 0;
  for await (const entry of entries) {
    const fact = factOf(entry);
    if (fact !== undefined) store.restore(fact);
    else if (!(await replayFormerCall(store, entry))) unknown++;
  }
  if (unknown > 0) log.warn({ unknown }, 'left entries of another version of the broker journal out');
}

function* writtenFacts(facts: Iterable<Fact>, isWorth: (fact: Fact) => boolean): Generator {
  for (const fact of facts) if (isWorth(fact)) yield writtenFact(fact);
}
