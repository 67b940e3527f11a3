// QoS 2 messages that were taken from clients and are not released yet. Only their identifiers are kept: what comes again
// under one is a repetition.
import type { Fact } from './fact.js';
import { InboundWindow } from './inbound-window.js';
import type { ClientRef } from './persistence-state.js';
import type { SessionRoom } from './room.js';
import type { Sessions } from './sessions.js';

export interface IncomingParts {
  readonly sessions: Sessions;
  readonly room: SessionRoom;
  readonly decide: (fact: Fact) => void;
}

export class IncomingMessages {
  readonly #parts: IncomingParts;
  readonly #window: InboundWindow;

  constructor(parts: IncomingParts, mostHalfDone: number) {
    this.#parts = parts;
    this.#window = new InboundWindow(mostHalfDone);
  }

  has(clientId: string, messageId: number): boolean {
    return this.#parts.sessions.get(clientId)?.incoming.has(messageId) ?? false;
  }

  /** False where the client has begun as many as it may. */
  take(client: ClientRef, messageId: number): boolean {
    if (!this.#window.admits(client, messageId)) return false;
    this.#keep(client.id, messageId, client.clean === true);
    return true;
  }

  /** The client has released it: false where it is none of its own. */
  release(client: ClientRef, messageId: number): boolean {
    this.#window.released(client, messageId);
    if (!this.has(client.id, messageId)) return false;
    this.complete(client.id, [messageId]);
    return true;
  }

  /** `isPassing`: it ends with the client's connection. */
  #keep(clientId: string, messageId: number, isPassing: boolean): void {
    const { sessions, room, decide } = this.#parts;
    // What an earlier client of this id left, which was of the other kind, is not this one's.
    if ((sessions.get(clientId)?.isPassing ?? isPassing) !== isPassing) this.forget(clientId);
    if (isPassing) {
      sessions.takePassing(clientId, messageId);
      return;
    }
    decide(['incoming', clientId, messageId]);
    room.forIncoming(clientId);
    room.forSession(clientId);
  }

  complete(clientId: string, ids: readonly number[]): void {
    if (ids.length === 0) return;
    const { sessions, decide } = this.#parts;
    const fact: Fact = ['completed', clientId, ids];
    // What ends with its connection is not written down.
    if (sessions.get(clientId)?.isPassing === true) sessions.apply(fact);
    else decide(fact);
  }

  forget(clientId: string): void {
    this.complete(clientId, [...(this.#parts.sessions.get(clientId)?.incoming ?? [])]);
  }
}
