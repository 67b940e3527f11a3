// Keeps all sessions within their limits: decides what must go, says so as facts, and counts it.
import type { PersistenceLimits } from './persistence-state.js';
import type { Fact } from './fact.js';
import { fullestFirst } from './fullest-first.js';
import type { Sessions } from './sessions.js';

export interface SessionRoomParts {
  readonly sessions: Sessions;
  readonly limits: PersistenceLimits;
  readonly isConnected: (clientId: string) => boolean;
  readonly decide: (fact: Fact) => void;
}

export class SessionRoom {
  readonly #parts: SessionRoomParts;
  #droppedQueued = 0;
  #droppedSessions = 0;
  #droppedIncoming = 0;

  constructor(parts: SessionRoomParts) {
    this.#parts = parts;
  }

  /** Messages that had to make room, or waited too long. */
  get droppedQueued(): number {
    return this.#droppedQueued;
  }

  get droppedSessions(): number {
    return this.#droppedSessions;
  }

  /** Half-done QoS 2 messages of clients that were forgotten for newer ones. */
  get droppedIncoming(): number {
    return this.#droppedIncoming;
  }

  /** What was dropped until now was an earlier run's. */
  countFromHere(): void {
    this.#droppedQueued = this.#droppedSessions = this.#droppedIncoming = 0;
  }

  drop(clientId: string, keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#parts.decide(['dropped', clientId, keys]);
    this.#droppedQueued += keys.length;
  }

  /** After something was queued for them. */
  forQueued(clientIds: Iterable<string>): void {
    const { sessions, limits } = this.#parts;
    for (const clientId of clientIds) this.drop(clientId, sessions.queueOf(clientId)?.excess() ?? []);
    if (sessions.totals.bytes <= limits.maxQueuedTotalBytes) return;
    for (const { clientId, key } of fullestFirst(sessions.persistent())) {
      this.drop(clientId, [key]);
      if (sessions.totals.bytes <= limits.maxQueuedTotalBytes) return;
    }
  }

  /**
   * After a QoS 2 message was taken from the client. aedes bounds those of one connection; those that an earlier one left
   * and the client does not send again will never be released.
   */
  forIncoming(clientId: string): void {
    const { sessions, limits, decide } = this.#parts;
    const incoming = [...(sessions.get(clientId)?.incoming ?? [])];
    const tooMany = incoming.slice(0, Math.max(0, incoming.length - limits.maxInflightInbound));
    if (tooMany.length === 0) return;
    decide(['completed', clientId, tooMany]);
    this.#droppedIncoming += tooMany.length;
  }

  /** After a session began: the longest known one that is away goes. */
  forSession(newest?: string): void {
    const { sessions, limits, isConnected, decide } = this.#parts;
    if (sessions.persistentCount <= limits.maxSessions) return;
    for (const { clientId } of sessions.persistent()) {
      if (sessions.persistentCount <= limits.maxSessions) return;
      if (clientId === newest || isConnected(clientId)) continue;
      decide(['forgotten', clientId]);
      this.#droppedSessions++;
    }
  }

  /** After an earlier run's state came back: its limits may have been others. */
  forAll(): void {
    this.forSession();
    const ids = [...this.#parts.sessions.persistent()].map(({ clientId }) => clientId);
    for (const clientId of ids) this.forIncoming(clientId);
    this.forQueued(ids);
  }
}
