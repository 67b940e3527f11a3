// Who stands behind a connection, for the log and for every question of rights: address, client id, user.
import type { Client } from 'aedes';
import { addressOf } from './client-address.js';
import type { Sender } from '../../../shared/messages.js';
import type { User } from '../rights/rights.js';

interface Identity {
  readonly address: string | undefined;
  /** As in its CONNECT: aedes gives a client its id only once it has taken the CONNECT. */
  announcedId?: string;
  /** Its login is decided: it is this user, or nobody by name. */
  isLetIn: boolean;
  user?: User;
  byCertificate?: boolean;
}

/** For a line of the log. */
export type ClientFacts = Readonly<Record<'client' | 'user' | 'address', string | undefined>>;

/** Who it is, for counting its lines: not the client id, which many choose anew each time. */
export function nameOf({ address, user }: ClientFacts): string {
  return `${address ?? ''} ${user ?? ''}`;
}

export class Identities {
  /** Weak: aedes asks after the connection was closed as well, for its will. */
  readonly #known = new WeakMap<Client, Identity>();
  readonly #connected = new Set<Client>();

  /** For a connection that just came: its socket forgets the address when it is closed. */
  add(client: Client): void {
    this.#known.set(client, { address: addressOf(client), isLetIn: false });
    this.#connected.add(client);
  }

  remove(client: Client): void {
    this.#connected.delete(client);
  }

  announced(client: Client, id: string): void {
    const identity = this.#known.get(client);
    if (identity !== undefined) identity.announcedId = id;
  }

  /** Its login is decided. */
  isUser(client: Client, user: User, byCertificate: boolean): void {
    const identity = this.#known.get(client);
    if (identity !== undefined) Object.assign(identity, { user, byCertificate, isLetIn: true });
  }

  cameByCertificate(client: Client): boolean {
    return this.#known.get(client)?.byCertificate === true;
  }

  /** Nobody else gets or says anything, whatever their packets lead to. */
  isLetIn(client: Client): boolean {
    return this.#known.get(client)?.isLetIn ?? false;
  }

  /** Undefined for an anonymous client, and for the will of a client of another broker. */
  userOf(client: Client | null): User {
    return client === null ? undefined : this.#known.get(client)?.user;
  }

  /** Undefined for the will of a client of another broker. */
  senderOf(client: Client | null): Sender | undefined {
    const { client: id, user } = this.factsOf(client);
    return id === undefined ? undefined : { client: id, ...(user === undefined ? {} : { user }) };
  }

  factsOf(client: Client | null): ClientFacts {
    if (client === null) return { client: undefined, user: undefined, address: undefined };
    const identity = this.#known.get(client);
    // aedes' types have the id as always there; before the CONNECT it is null.
    const id = (client.id as string | null) ?? identity?.announcedId;
    return { client: id?.slice(0, 64), user: identity?.user, address: identity?.address };
  }

  clients(): Client[] {
    return [...this.#connected];
  }
}
