// The MQTT broker inside the gateway: aedes for the protocol, with a store, an emitter and bounds of our own around it,
// since its own lose messages, stall and grow (DESIGN §7).
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Aedes } from 'aedes';
import type { AedesOptions, Client } from 'aedes';
import type { MessageBus } from '../../shared/ports.js';
import { Access } from './access.js';
import { AckHandlers } from './ack-handlers.js';
import type { Broker } from './broker.js';
import { ClientLogin } from './client-login.js';
import { closeAedes } from './close-aedes.js';
import { newBrokerCounters } from './broker-counters.js';
import type { BrokerStats } from './broker-counters.js';
import { ClientIntake } from './client-intake.js';
import { reportClients } from './client-log.js';
import { guardConnection } from './connection-guard.js';
import type { Breach } from './connection-guard.js';
import { Connections } from './connections.js';
import { streamAddress } from './client-address.js';
import { sendMessage } from './send-message.js';
import { SessionExpiry } from './session-expiry.js';
import { DirectPath } from './direct-path.js';
import type { EmbeddedBrokerOptions } from './embedded-broker-options.js';
import { Emitter } from './emitter.js';
import { Identities } from './identities.js';
import { Refusals } from './refusals.js';
import { Doorkeeper } from './rights/doorkeeper.js';
import { InProcessBus } from './in-process-bus.js';
import { publishLeftWills } from './left-wills.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { BrokerLimits } from './limits.js';
import { holdToRules } from './packet-rules.js';
import { Subscribing } from './subscribing.js';
import { SubscriptionCount } from './subscription-count.js';
import { BrokerStatistics } from './sys/broker-statistics.js';
import { SysTopics } from './sys/sys-topics.js';
import { TcpDoor } from './tcp-door.js';
import { MemoryPersistence } from './memory-persistence.js';

export class EmbeddedBroker implements Broker {
  readonly name = 'broker';
  readonly door: TcpDoor;
  readonly #options: EmbeddedBrokerOptions;
  readonly #limits: BrokerLimits;
  readonly #counters = newBrokerCounters();
  readonly #handlers = new AckHandlers();
  readonly #connections: Connections;
  readonly #expiry: SessionExpiry;
  readonly #access: Access;
  readonly #identities = new Identities();
  readonly #subscriptions: SubscriptionCount;
  readonly #subscribing: Subscribing;
  readonly #persistence: MemoryPersistence;
  readonly #intake: ClientIntake;
  readonly #login: ClientLogin;
  readonly #doorkeeper: Doorkeeper;
  readonly #emitter: Emitter;
  readonly #path: DirectPath | undefined;
  readonly #bus: InProcessBus;
  readonly #statistics: BrokerStatistics;
  readonly #sys: SysTopics;
  #aedes: Aedes | undefined;
  #unwatch: (() => void) | undefined;

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
    // aedes' own way sends a session all at once: nobody there would send the rest.
    const own = options.delivery === 'aedes' ? { maxInflightOutbound: Infinity } : {};
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits, ...own };
    this.#connections = new Connections(this.#limits);
    this.#doorkeeper = options.doorkeeper ?? new Doorkeeper({ ...options, anonymous: true });
    this.door = this.#newDoor();
    this.#access = new Access(options.topics);
    const parts = {
      ...options,
      doorkeeper: this.#doorkeeper,
      identities: this.#identities,
      limits: this.#limits,
      connections: this.#connections,
      counters: this.#counters,
    };
    this.#login = new ClientLogin(parts);
    const refusals = new Refusals({ ...options, publish: async (message) => this.#bus.publish(message) });
    this.#subscriptions = new SubscriptionCount(this.#limits);
    const keepsRetained = (topic: string): boolean => this.#access.keepsRetained(topic);
    const isUnlimited = (topic: string): boolean => this.#access.isGatewaysOwn(topic);
    const userOf = (client: object): string | undefined => this.#identities.userOf(client as Client);
    const kept = { limits: this.#limits, keepsRetained, isUnlimited, userOf };
    this.#persistence = new MemoryPersistence({ ...kept, now: () => options.clock.now() });
    const about = { access: this.#access, count: this.#subscriptions, store: this.#persistence };
    this.#subscribing = new Subscribing({ ...parts, ...about });
    this.#expiry = new SessionExpiry(this.#persistence, this.#limits, options.clock);
    this.#intake = new ClientIntake({
      ...parts,
      access: this.#access,
      handlers: this.#handlers,
      refusals,
      isRepeated: (clientId, messageId) => this.#persistence.hasIncoming(clientId, messageId),
    });
    this.#emitter = new Emitter((packet) => {
      this.#intake.emitted(packet);
    });
    const path = new DirectPath({
      emitter: this.#emitter,
      intake: this.#intake,
      store: this.#persistence,
      limits: this.#limits,
      mayReceive: (client, topic) => this.#mayRead(client, topic),
      counters: this.#counters,
    });
    this.#path = options.delivery === 'aedes' ? undefined : path;
    this.#access.onChange(() => {
      this.#emitter.rightsChanged();
    });
    this.#bus = new InProcessBus({
      emitter: this.#emitter,
      handlers: this.#handlers,
      retained: this.#persistence.retained,
      counters: this.#counters,
      log: options.log,
      maxWaitingPublishes: this.#limits.maxWaitingPublishes,
      send: async (message) => sendMessage(this.#aedes, message),
    });
    const { journal } = options;
    this.#statistics = new BrokerStatistics({
      ...parts,
      store: this.#persistence,
      expiry: this.#expiry,
      subscriptions: this.#subscriptions,
      clients: () => this.#aedes?.connectedClients ?? 0,
      ...(journal === undefined ? {} : { journal }),
    });
    this.#sys = new SysTopics({ ...options, bus: this.#bus, statistics: this.#statistics });
  }

  /** Subscribe before or after the start; publish after it. */
  get bus(): MessageBus {
    return this.#bus;
  }

  get url(): string {
    return this.door.url;
  }

  /** Serves the bus within the process; clients come in once the door is open. */
  async start(): Promise<void> {
    const { log } = this.#options;
    const doorkeeper = this.#doorkeeper;
    await this.#options.journal?.start(this.#persistence, (topic) => this.#access.isGatewaysOwn(topic));
    const aedes = new Aedes(this.#aedesOptions());
    reportClients(aedes, log, this.#counters, this.#identities, (client) => {
      this.#intake.closed(client);
      this.#subscriptions.closed(client);
    });
    this.#access.useRights(doorkeeper.rights);
    this.#unwatch = doorkeeper.onChange((isStillWelcome) => {
      this.#access.useRights(doorkeeper.rights);
      this.#login.review(isStillWelcome);
    });
    this.#subscribing.listen(aedes);
    aedes.on('clientReady', (client) => {
      this.#statistics.connected();
      this.#path?.mayHaveMore(client);
    });
    aedes.on('ack', (_packet, client) => {
      this.#path?.mayHaveMore(client);
    });
    this.#emitter.open();
    await aedes.listen();
    this.#aedes = aedes;
    this.#bus.open();
    this.#sys.start();
    this.#expiry.start();
  }

  /** aedes, then the sockets it leaves half open, then the store; each within the deadline. */
  async stop(): Promise<void> {
    const aedes = this.#aedes;
    if (aedes === undefined) return;
    // Closed already where parts stop in order; an open listener would keep the process alive.
    await this.door.stop();
    this.#unwatch?.();
    this.#expiry.stop();
    this.#sys.stop();
    this.#bus.close();
    await closeAedes(aedes, this.#connections, this.#limits, this.#options.clock);
    this.#aedes = undefined;
    await this.#options.journal?.stop();
    await this.#persistence.destroy();
  }

  /** Takes a connection: a TCP socket, or a WebSocket's stream with the request it came by. */
  handle(stream: Duplex, request?: IncomingMessage): void {
    const aedes = this.#aedes;
    this.#counters.sockets++;
    const address = streamAddress(stream, request);
    const why = aedes === undefined ? 'the broker is not running' : this.#connections.admit(stream, address);
    if (aedes === undefined || why !== undefined) {
      this.#counters.refused++;
      const facts = { address, connections: this.#connections.size };
      this.#options.log.info(facts, `refused a connection: ${why ?? ''}`);
      stream.destroy();
      return;
    }
    const client = aedes.handle(stream, request);
    this.#identities.add(client);
    stream.once('close', () => {
      this.#identities.remove(client);
    });
    const breached = (breach: Breach): void => {
      const facts = { ...this.#identities.factsOf(client), breach };
      this.#counters.breached++;
      this.#options.log.info(facts, 'ended a connection over its limits');
    };
    holdToRules(client, (rule) => {
      const facts = { ...this.#identities.factsOf(client), rule };
      this.#options.log.info(facts, 'ended a connection that broke a rule of MQTT');
    });
    if (this.#path === undefined) guardConnection(stream, this.#limits, this.#counters, breached);
    else this.#path.open(aedes, client, stream, breached);
  }

  get ailment(): string | undefined {
    return this.#options.journal?.ailment;
  }

  stats(): BrokerStats {
    return this.#statistics.stats();
  }

  #newDoor(): TcpDoor {
    const options = this.#options;
    return new TcpDoor({
      ...options,
      guarded: this.#doorkeeper.isGuarded,
      beforeOpen: async () =>
        publishLeftWills({ ...options, store: this.#persistence, access: this.#access, bus: this.#bus }),
      onConnection: (socket) => {
        this.handle(socket);
      },
      // Clients stay to hear the last answers, but what they send now is for the next start.
      onClosed: () => {
        this.#intake.close();
      },
    });
  }

  #aedesOptions(): AedesOptions {
    const { connectTimeoutMs, maxInflightInbound, maxTopicLevels } = this.#limits;
    return {
      // New at each start, or a queued message of the last run would have the number of a new one.
      id: `${this.#options.clock.now().toString(36)}-${randomBytes(8).toString('hex')}`,
      mq: this.#emitter,
      persistence: this.#persistence,
      connectTimeout: connectTimeoutMs,
      maxInflightInbound,
      maxTopicLevels,
      preConnect: (client, packet, done) => {
        this.#counters.connects++;
        this.#identities.announced(client, packet.clientId);
        done(null, true);
      },
      authenticate: (client, user, password, done) => {
        this.#login.authenticate(client, user, password, done);
      },
      authorizePublish: (client, packet, done) => {
        this.#intake.accept(client, packet, done);
      },
      authorizeSubscribe: (client, subscription, done) => {
        const allowed = this.#subscribing.admits(client, subscription.topic);
        const answer = (): void => {
          done(null, allowed ? subscription : null);
        };
        if (this.#path === undefined) answer();
        else this.#path.subscribe(client, subscription, answer);
      },
      authorizeForward: (client, packet) => {
        if (this.#mayRead(client, packet.topic)) {
          this.#counters.messagesOut++;
          this.#counters.publishBytesOut += packet.payload.length;
          // aedes forgets it when it sends a session's queue again [MQTT-3.3.1-1].
          if (this.#persistence.isResent(client.id, packet)) packet.dup = true;
          return packet;
        }
        this.#persistence.discardOutgoing(client, packet);
        return null;
      },
    };
  }

  #mayRead(client: Client, topic: string): boolean {
    return this.#access.mayRead(this.#identities.userOf(client), client.id, topic);
  }
}
