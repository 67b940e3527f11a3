// Which user stands behind a connection: told at its CONNECT, asked at every publish, subscribe and delivery.
import type { Client } from 'aedes';
import type { User } from './rights/rights.js';

export class Identities {
  readonly #users = new WeakMap<Client, string>();

  /** A client without a name is anonymous and need not be told of. */
  set(client: Client, user: string): void {
    this.#users.set(client, user);
  }

  userOf(client: Client | null): User {
    return client === null ? undefined : this.#users.get(client);
  }
}
