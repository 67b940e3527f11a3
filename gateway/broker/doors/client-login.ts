// A CONNECT on its way in: which credentials count, what the doorkeeper says of them, and what the log hears.
import type { TLSSocket } from 'node:tls';
import type { AuthenticateError, Client } from 'aedes';
import { asGatewayError } from '../../../shared/errors.js';
import type { Log } from '../../../shared/ports.js';
import type { RepeatedLines } from '../../logging/repeated-lines.js';
import type { BrokerCounters } from '../counters/counters.js';
import type { Connections } from './connections.js';
import type { Identities } from './identities.js';
import { sayLast } from './last-word.js';
import { basicCredentials } from '../rights/basic-credentials.js';
import { certificateUserOf } from '../rights/certificate-user.js';
import type { Admission, Doorkeeper, IsStillWelcome, Login } from '../rights/doorkeeper.js';

type Done = (error: AuthenticateError | null, success: boolean | null) => void;

export interface ClientLoginParts {
  readonly doorkeeper: Doorkeeper;
  readonly identities: Identities;
  readonly connections: Connections;
  readonly counters: BrokerCounters;
  readonly log: Log;
  readonly lines: RepeatedLines;
}

export class ClientLogin {
  readonly #parts: ClientLoginParts;

  constructor(parts: ClientLoginParts) {
    this.#parts = parts;
  }

  /**
   * aedes' `authenticate`. Must not throw: an error thrown in it ends the process. Whoever is not let in gets return
   * code 5, "not authorized", as from Mosquitto.
   */
  authenticate(client: Client, user: string | undefined, password: Buffer | undefined, done: Done): void {
    this.#admit(client, user, password).then(
      ([login, admission]) => {
        this.#conclude(client, login, admission, done);
      },
      (thrown: unknown) => {
        const err = asGatewayError(thrown);
        this.#parts.log.error(
          { ...this.#parts.identities.factsOf(client), err },
          'a login could not be checked',
        );
        done(null, false);
      },
    );
  }

  /** After a change of the files: who is in with a password that no longer counts is let out. */
  review(isStillWelcome: IsStillWelcome): void {
    const { identities, log } = this.#parts;
    for (const client of identities.clients()) {
      if (isStillWelcome(identities.userOf(client), identities.cameByCertificate(client))) continue;
      log.info(identities.factsOf(client), 'ended a connection: its user or password is gone');
      sayLast(client, 'notAuthorized');
      client.close();
    }
  }

  async #admit(
    client: Client,
    user: string | undefined,
    password: Buffer | undefined,
  ): Promise<[Login, Admission]> {
    const { doorkeeper, identities } = this.#parts;
    // Mosquitto takes an empty name for none as well.
    const isNamed = user !== undefined && user !== '';
    const given = isNamed ? { user, password } : basicCredentials(client.req?.headers.authorization);
    const login: Login = {
      user: given?.user,
      password: given?.password,
      certificateUser: certificateUserOf((client.req?.socket ?? client.conn) as Partial<TLSSocket>),
      address: identities.factsOf(client).address ?? 'unknown',
    };
    return [login, await doorkeeper.admit(login)];
  }

  #conclude(client: Client, { user }: Login, admission: Admission, done: Done): void {
    const { connections, doorkeeper, identities, counters, lines } = this.#parts;
    const who = identities.factsOf(client);
    if (admission.ok && !connections.letIn(client.conn)) {
      counters.refused++;
      lines.say('info', who.address, who, 'refused a connection: there are too many');
      done(null, false);
      return;
    }
    if (admission.ok) {
      identities.isUser(client, admission.user, admission.byCertificate === true);
      done(null, true);
      return;
    }
    counters.refusedLogins++;
    doorkeeper.sayRefused('refused a login', admission, { ...who, user: user?.slice(0, 64) });
    done(null, false);
  }
}
