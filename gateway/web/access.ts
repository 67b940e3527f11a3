// Who asks over HTTP, and what they may: the same users and rights as over MQTT.
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { Topics } from '../../shared/topics.js';
import { basicCredentials } from '../broker/rights/basic-credentials.js';
import { certificateUserOf } from '../broker/rights/certificate-user.js';
import { bearerToken, nameOfToken } from '../broker/rights/tokens.js';
import type { Doorkeeper } from '../broker/rights/doorkeeper.js';

/** Stands for `%c` in the patterns of an ACL file: over HTTP there is no client id. */
const CLIENT_ID = 'http';

/** What a device says of itself and keeps said. */
export type RetainedTopic = 'meta' | 'availability' | 'state';

/** Someone who was let in. */
export interface Caller {
  /** Absent where nobody needs a name. */
  readonly user?: string;
  mayCommand(device: string, name: string): boolean;
  mayRequest(op: string): boolean;
  /** Whether what the device measures may be read, live as well as from the history; without `gateway` this one's device. */
  mayReadDevice(device: string, gateway?: string): boolean;
  /** Whether this retained topic of a device may be read. */
  mayReadTopic(device: string, topic: RetainedTopic): boolean;
  /** Whether the gateway's numbers may be read: by who may read its health topic. */
  mayReadHealth(): boolean;
}

/** Without users everybody may do everything. */
export const EVERY_CALLER: Caller = {
  mayCommand: () => true,
  mayRequest: () => true,
  mayReadDevice: () => true,
  mayReadTopic: () => true,
  mayReadHealth: () => true,
};

export class HttpAccess {
  readonly #doorkeeper: Doorkeeper;
  readonly #topics: Topics;

  constructor(doorkeeper: Doorkeeper, topics: Topics) {
    this.#doorkeeper = doorkeeper;
    this.#topics = topics;
  }

  /** Whether everybody needs a user: then a page of another name cannot borrow a visitor's address to ask for it. */
  get isGuarded(): boolean {
    return this.#doorkeeper.isGuarded;
  }

  /** Undefined: not let in. */
  async callerOf(request: IncomingMessage): Promise<Caller | undefined> {
    const given = basicCredentials(request.headers.authorization);
    const token = bearerToken(request.headers.authorization);
    const address = request.socket.remoteAddress ?? 'unknown';
    const admission = await this.#doorkeeper.admit({
      user: given?.user,
      ...{ password: given?.password, token },
      certificateUser: certificateUserOf(request.socket as Partial<TLSSocket>),
      address,
    });
    if (admission.ok) return this.#callerFor(admission.user);
    // A browser's first request has no name yet; that is how it learns to ask for one.
    const user = token === undefined ? given?.user.slice(0, 64) : nameOfToken(token);
    if (user !== undefined)
      this.#doorkeeper.sayRefused('refused a login over HTTP', admission, { user, address });
    return undefined;
  }

  #callerFor(user: string | undefined): Caller {
    const { rights } = this.#doorkeeper;
    const topics = this.#topics;
    return {
      ...(user === undefined ? {} : { user }),
      mayCommand: (device, name) => rights.mayWrite(user, CLIENT_ID, topics.command(device, name)),
      mayRequest: (op) => rights.mayWrite(user, CLIENT_ID, topics.request(op)),
      mayReadTopic: (device, topic) => rights.mayRead(user, CLIENT_ID, topics[topic](device)),
      mayReadHealth: () => rights.mayRead(user, CLIENT_ID, topics.health),
      mayReadDevice: (device, gateway) => {
        const place = gateway === undefined ? topics : new Topics(topics.base, gateway);
        return rights.mayRead(user, CLIENT_ID, place.telemetry(device));
      },
    };
  }
}
