// What a user may do, whoever says so: an ACL file, or nobody.

/** The user's name; undefined for a client that gave none. */
export type User = string | undefined;

export interface Rights {
  /** Whether messages on the topic may be delivered to the client. */
  mayRead(user: User, clientId: string, topic: string): boolean;
  mayWrite(user: User, clientId: string, topic: string): boolean;
  /** False when nothing that the filter could match may ever be read. */
  maySubscribe(user: User, clientId: string, filter: string): boolean;
}

/** Without an ACL file everybody who got in may do everything, as with Mosquitto. */
export const EVERY_RIGHT: Rights = {
  mayRead: () => true,
  mayWrite: () => true,
  maySubscribe: () => true,
};
