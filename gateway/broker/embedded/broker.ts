// The MQTT broker inside the gateway: aedes for the protocol, with a store, an emitter and bounds of our own around it,
// since its own lose messages, stall and grow (docs/architecture.md#aedes).
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Aedes, Client } from 'aedes';
import type { MessageBus } from '../../../shared/ports.js';
import { RepeatedLines } from '../../logging/repeated-lines.js';
import { Access } from '../intake/access.js';
import { AckHandlers } from '../intake/ack-handlers.js';
import type { Broker } from '../broker.js';
import { ClientLogin } from '../doors/client-login.js';
import { nameSafely, newAedes } from './aedes-gaps.js';
import { aedesOptions, type AedesParts } from './aedes-options.js';
import { closeAedes } from './close-aedes.js';
import type { BrokerStats } from '../sys/stats.js';
import { newBrokerCounters } from '../counters/counters.js';
import { ClientIntake } from '../intake/client.js';
import { reportClients, reportEnds, type ClientLogParts } from '../doors/client-log.js';
import { guardConnection } from '../doors/unread-guard.js';
import { Connections } from '../doors/connections.js';
import { ConnectRules } from '../doors/connect-rules.js';
import { streamAddress } from '../doors/client-address.js';
import { sendMessage } from '../delivery/send-message.js';
import { SessionExpiry } from '../sessions/expiry.js';
import { DirectPath } from '../delivery/direct-path.js';
import type { EmbeddedBrokerOptions } from './options.js';
import { Emitter } from '../delivery/emitter.js';
import { Groups } from '../delivery/groups.js';
import { Identities } from '../doors/identities.js';
import type { AedesClient } from '../mqtt/aedes-client.js';
import type { StoredPacket } from '../mqtt/packet.js';
import { Readings } from '../intake/readings.js';
import { Refusals } from '../intake/refusals.js';
import { Doorkeeper } from '../rights/doorkeeper.js';
import { InProcessBus } from './in-process-bus.js';
import { publishLeftWills } from '../intake/left-wills.js';
import { DEFAULT_LIMITS, type BrokerLimits } from '../mqtt/limits.js';
import { holdToRules, nameGroupsWithin } from '../intake/packet-rules.js';
import { Subscribing } from '../intake/subscribing.js';
import { SubscriptionCount } from '../intake/subscription-count.js';
import { BrokerStatistics } from '../sys/statistics.js';
import { SysTopics } from '../sys/topics.js';
import { TcpDoor } from '../doors/tcp.js';
import { MemoryPersistence } from '../sessions/memory-persistence.js';

export class EmbeddedBroker implements Broker {
  readonly name = 'broker';
  readonly door: TcpDoor;
  readonly #options: EmbeddedBrokerOptions;
  readonly #limits: BrokerLimits;
  readonly #counters = newBrokerCounters();
  readonly #lines: RepeatedLines;
  readonly #handlers = new AckHandlers();
  readonly #connections: Connections;
  readonly #expiry: SessionExpiry;
  readonly #access: Access;
  readonly #identities = new Identities();
  readonly #subscriptions: SubscriptionCount;
  readonly #subscribing: Subscribing;
  readonly #persistence: MemoryPersistence;
  readonly #intake: ClientIntake;
  readonly #readings: Readings;
  readonly #login: ClientLogin;
  readonly #connectRules: ConnectRules;
  readonly #doorkeeper: Doorkeeper;
  readonly #emitter: Emitter;
  readonly #path: DirectPath | undefined;
  readonly #bus: InProcessBus;
  readonly #statistics: BrokerStatistics;
  readonly #sys: SysTopics;
  #aedes: Aedes | undefined;
  #watching: readonly (() => void)[] = [];

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
    // aedes' own way sends a session all at once: nobody there would send the rest.
    const own = options.delivery === 'aedes' ? { maxInflightOutbound: Infinity } : {};
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits, ...own };
    this.#connections = new Connections(this.#limits);
    this.#lines = new RepeatedLines(options.log, options.clock);
    this.#doorkeeper = options.doorkeeper ?? new Doorkeeper({ ...options, anonymous: true });
    this.door = this.#newDoor();
    this.#access = new Access(options.topics, options.told);
    const parts = {
      ...options,
      doorkeeper: this.#doorkeeper,
      identities: this.#identities,
      limits: this.#limits,
      connections: this.#connections,
      counters: this.#counters,
      lines: this.#lines,
    };
    this.#login = new ClientLogin(parts);
    const refusals = new Refusals({ ...parts, publish: async (message) => this.#bus.publish(message) });
    this.#subscriptions = new SubscriptionCount(this.#limits);
    const lifeMs = (): number => this.#persistence.lifeMs();
    const groups = new Groups(lifeMs);
    this.#persistence = this.#newPersistence(groups);
    const [access, store] = [this.#access, this.#persistence];
    this.#connectRules = new ConnectRules({ ...parts, store });
    this.#subscribing = new Subscribing({ ...parts, access, count: this.#subscriptions, store });
    this.#expiry = new SessionExpiry(this.#persistence.attendance, this.#limits, options.clock);
    this.#intake = new ClientIntake({
      ...{ ...parts, access, refusals, handlers: this.#handlers },
      lifeMs,
      isRepeated: (clientId, messageId) => this.#persistence.hasIncoming(clientId, messageId),
    });
    this.#emitter = new Emitter({ groups, emitted: this.#emitted, lifeMs });
    this.#readings = new Readings(this.#limits, this.#counters);
    const path = new DirectPath({
      ...parts,
      readings: this.#readings,
      emitter: this.#emitter,
      intake: this.#intake,
      store: store.queues,
      lifeMs,
      mayReceive: (client, topic) => this.#mayRead(client, topic),
    });
    this.#path = options.delivery === 'aedes' ? undefined : path;
    this.#access.onChange(() => {
      this.#emitter.rightsChanged();
    });
    this.#bus = new InProcessBus({
      ...{ emitter: this.#emitter, handlers: this.#handlers },
      retained: store.retained,
      counters: this.#counters,
      log: options.log,
      limits: this.#limits,
      send: async (message) => sendMessage(this.#aedes, message),
    });
    const { journal } = options;
    this.#statistics = new BrokerStatistics({
      ...parts,
      store: this.#persistence,
      expiry: this.#expiry,
      subscriptions: this.#subscriptions,
      clients: () => this.#aedes?.connectedClients ?? 0,
      waiting: () => this.#bus.waiting,
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
    const doorkeeper = this.#doorkeeper;
    this.#lines.open();
    await this.#options.journal?.start(this.#persistence, (topic) => this.#access.isGatewaysOwn(topic));
    const aedes = newAedes(aedesOptions(this.#aedesParts()));
    reportClients(aedes, this.#clientLog(), this.#intake.closed.bind(this.#intake));
    this.#access.useRights(doorkeeper.rights);
    const unwatch = doorkeeper.onChange((isStillWelcome) => {
      this.#access.useRights(doorkeeper.rights);
      this.#login.review(isStillWelcome);
    });
    this.#watching = [unwatch, this.#readings.excuseSilence(this.#options.clock)];
    this.#subscribing.listen(aedes);
    this.#persistence.attendance.listen(aedes);
    aedes.on('clientDisconnect', (client) => {
      this.#expiry.endsIn((client as AedesClient).sessionExpiryInterval * 1000);
    });
    aedes.on('clientReady', (client) => {
      this.#statistics.connected();
      this.#path?.restored(client);
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
    for (const end of this.#watching) end();
    this.#expiry.stop();
    this.#sys.stop();
    this.#bus.close();
    await closeAedes(aedes, this.#connections, this.#limits, this.#options.clock);
    this.#lines.close();
    this.#aedes = undefined;
    try {
      await this.#options.journal?.stop();
    } finally {
      // The next start reads the journal, whatever became of it.
      await this.#persistence.destroy();
    }
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
      this.#lines.say('info', address, facts, `refused a connection: ${why ?? ''}`);
      stream.destroy();
      return;
    }
    const client = aedes.handle(stream, request);
    nameSafely(client);
    this.#identities.add(client);
    stream.once('close', () => {
      this.#identities.remove(client);
      // Its session was restored maybe, and nobody is told of the end of one that was not let in to its end.
      this.#subscriptions.closed(client);
    });
    const { breached, violated } = reportEnds(client, this.#clientLog());
    // Ahead of aedes, which would refuse them; behind the rules.
    if (this.#path !== undefined) nameGroupsWithin(client);
    holdToRules(client, { maxTopicLevels: this.#limits.maxTopicLevels, violated });
    if (this.#path !== undefined) {
      this.#path.open(aedes, client, stream, breached);
      return;
    }
    const end = guardConnection(stream, this.#limits, this.#counters, breached);
    this.#readings.open({ client, stream, end });
  }

  get ailment(): string | undefined {
    return this.#options.journal?.ailment;
  }

  stats(): BrokerStats {
    return this.#statistics.stats();
  }

  readonly #emitted = (packet: StoredPacket): void => {
    this.#intake.emitted(packet);
  };

  #clientLog(): ClientLogParts {
    const { log, clock } = this.#options;
    return { log, clock, lines: this.#lines, counters: this.#counters, identities: this.#identities };
  }

  #newPersistence(members: Groups): MemoryPersistence {
    return new MemoryPersistence({
      ...{ limits: this.#limits, clock: this.#options.clock, members },
      keepsRetained: (topic) => this.#access.keepsRetained(topic),
      isUnlimited: (topic) => this.#access.isGatewaysOwn(topic),
      userOf: (client: object) => this.#identities.userOf(client as Client),
    });
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

  #aedesParts(): AedesParts {
    return {
      ...{ clock: this.#options.clock, limits: this.#limits, counters: this.#counters },
      ...{ emitter: this.#emitter, store: this.#persistence, identities: this.#identities },
      ...{ connectRules: this.#connectRules, login: this.#login, intake: this.#intake },
      ...{ subscribing: this.#subscribing, path: this.#path },
      mayRead: (client, topic) => this.#mayRead(client, topic),
    };
  }

  #mayRead(client: Client, topic: string): boolean {
    return (
      this.#identities.isLetIn(client) &&
      this.#access.mayRead(this.#identities.userOf(client), client.id, topic)
    );
  }
}
