// QoS 2 messages that were taken from a client and are not released yet: what comes again under their number is a repetition.
import { copyOf } from './packet.js';
import type { StoredPacket } from './packet.js';

export class IncomingStore {
  readonly #byClient = new Map<string, Map<number | undefined, StoredPacket>>();

  add(clientId: string, packet: StoredPacket): void {
    const packets = this.#byClient.get(clientId) ?? new Map<number | undefined, StoredPacket>();
    this.#byClient.set(clientId, packets);
    packets.set(packet.messageId, { ...copyOf(packet), messageId: packet.messageId });
  }

  get(clientId: string, messageId: number | undefined): StoredPacket | undefined {
    return this.#byClient.get(clientId)?.get(messageId);
  }

  /** False when it was not there. */
  remove(clientId: string, messageId: number | undefined): boolean {
    const packets = this.#byClient.get(clientId);
    if (packets?.delete(messageId) !== true) return false;
    if (packets.size === 0) this.#byClient.delete(clientId);
    return true;
  }

  forget(clientId: string): void {
    this.#byClient.delete(clientId);
  }

  clear(): void {
    this.#byClient.clear();
  }

  *all(): Generator<readonly [clientId: string, packets: readonly StoredPacket[]]> {
    for (const [clientId, packets] of this.#byClient) yield [clientId, [...packets.values()]];
  }
}
