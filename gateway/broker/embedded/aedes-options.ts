// Where aedes asks us: who is let in, and what may be published, subscribed and sent on.
import { randomBytes } from 'node:crypto';
import type { AedesOptions, Client } from 'aedes';
import type { Clock } from '../../../shared/ports.js';
import type { BrokerCounters } from '../counters/counters.js';
import type { DirectPath } from '../delivery/direct-path.js';
import type { Emitter } from '../delivery/emitter.js';
import type { ClientLogin } from '../doors/client-login.js';
import type { ConnectRules } from '../doors/connect-rules.js';
import type { Identities } from '../doors/identities.js';
import type { ClientIntake } from '../intake/client.js';
import type { Subscribing } from '../intake/subscribing.js';
import type { BrokerLimits } from '../mqtt/limits.js';
import { ofOurs } from '../mqtt/aedes-client.js';
import { variableBytes } from '../mqtt/message-properties.js';
import type { MemoryPersistence } from '../sessions/memory-persistence.js';
import type { OptionsOf5 } from './aedes-gaps.js';

export interface AedesParts {
  readonly clock: Clock;
  readonly limits: BrokerLimits;
  readonly counters: BrokerCounters;
  readonly emitter: Emitter;
  readonly store: MemoryPersistence;
  readonly identities: Identities;
  readonly connectRules: ConnectRules;
  readonly login: ClientLogin;
  readonly intake: ClientIntake;
  readonly subscribing: Subscribing;
  /** Without it aedes delivers by its own functions. */
  readonly path: DirectPath | undefined;
  readonly mayRead: (client: Client, topic: string) => boolean;
}

/** Of one connection: each is a topic in memory. */
const MOST_TOPIC_ALIASES = 32;

/** What CONNACK says of our limits. */
function said({
  maxPacketBytes,
  maxInflightInbound,
  sessionExpiryMs,
  maxSessions,
}: BrokerLimits): OptionsOf5 {
  return {
    topicAliasMaximum: MOST_TOPIC_ALIASES,
    // Ours is of what follows the header; MQTT 5's is of all.
    maximumPacketSize: 1 + variableBytes(maxPacketBytes).length + maxPacketBytes,
    receiveMaximum: maxInflightInbound,
    sessionExpiryIntervalLimit: Math.max(1, Math.floor(sessionExpiryMs / 1000)),
    pendingSessionsLimit: maxSessions,
  };
}

export function aedesOptions(parts: AedesParts): AedesOptions & OptionsOf5 {
  const { clock, limits, counters, emitter, store, identities, connectRules, login } = parts;
  const { intake, subscribing, path, mayRead } = parts;
  const { connectTimeoutMs, maxTopicLevels } = limits;
  return {
    // New at each start, or a queued message of the last run would have the number of a new one.
    id: `${clock.now().toString(36)}-${randomBytes(8).toString('hex')}`,
    mq: emitter,
    persistence: store,
    connectTimeout: connectTimeoutMs,
    maxTopicLevels,
    ...said(limits),
    preConnect: (client, packet, done) => {
      counters.connects++;
      identities.announced(client, packet.clientId);
      connectRules.announced(client, packet);
      done(null, true);
    },
    authenticate: (client, user, password, done) => {
      const refusal = connectRules.refusalOf(client);
      if (refusal === undefined) login.authenticate(client, user, password, done);
      else done(refusal, null);
    },
    authorizePublish: (client, packet, done) => {
      intake.accept(client, packet, done);
    },
    authorizeSubscribe: (client, subscription, done) => {
      subscribing.inTurn(client, () => {
        const allowed = subscribing.admits(client, subscription.topic);
        const answer = (): void => {
          done(null, allowed ? subscription : null);
        };
        if (path === undefined) answer();
        else path.subscribe(client, subscription, answer);
      });
    },
    authorizeForward: (client, packet) => {
      if (mayRead(client, packet.topic)) {
        counters.messagesOut++;
        counters.publishBytesOut += packet.payload.length;
        // aedes forgets it when it sends a session's queue again [MQTT-3.3.1-1].
        if (store.queues.isResent(client.id, ofOurs(packet))) packet.dup = true;
        return packet;
      }
      store.queues.discardOutgoing(client, ofOurs(packet));
      return null;
    },
  };
}
