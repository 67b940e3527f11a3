// How many connections there may be: in all, of one address, and of those that have not been let in yet.
import type { Duplex } from 'node:stream';
import type { BrokerLimits } from '../mqtt/limits.js';
import { PendingConnections } from './pending-connections.js';

export type ConnectionCountLimits = Pick<
  BrokerLimits,
  'maxConnections' | 'maxConnectionsPerAddress' | 'maxPending'
>;

export class Connections {
  readonly #limits: ConnectionCountLimits;
  readonly #addresses = new Map<Duplex, string | undefined>();
  readonly #perAddress = new Map<string, number>();
  readonly #pending: PendingConnections<Duplex>;

  constructor(limits: ConnectionCountLimits) {
    this.#limits = limits;
    this.#pending = new PendingConnections(limits.maxPending);
  }

  get size(): number {
    return this.#addresses.size;
  }

  get evicted(): number {
    return this.#pending.evicted;
  }

  /** Takes it in, or tells why not; the oldest of those that wait may have to go. */
  admit(stream: Duplex, address: string | undefined): string | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    if (this.#inside >= maxConnections) return `there are ${String(maxConnections)} already`;
    if (address !== undefined) {
      const others = this.#perAddress.get(address) ?? 0;
      if (others >= maxConnectionsPerAddress)
        return `there are ${String(maxConnectionsPerAddress)} of its address already`;
      this.#perAddress.set(address, others + 1);
    }
    this.#addresses.set(stream, address);
    stream.once('close', () => {
      this.#remove(stream);
    });
    this.#pending.add(stream, stream);
    return undefined;
  }

  /** Its client may come in now: false when all places are taken meanwhile. */
  letIn(stream: Duplex): boolean {
    if (!this.#pending.has(stream)) return true;
    if (this.#inside >= this.#limits.maxConnections) return false;
    this.#pending.settle(stream);
    return true;
  }

  /** All, for who ends them. */
  streams(): Duplex[] {
    return [...this.#addresses.keys()];
  }

  get #inside(): number {
    return this.#addresses.size - this.#pending.size;
  }

  #remove(stream: Duplex): void {
    const address = this.#addresses.get(stream);
    this.#addresses.delete(stream);
    this.#pending.settle(stream);
    if (address === undefined) return;
    const others = (this.#perAddress.get(address) ?? 1) - 1;
    if (others === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, others);
  }
}
