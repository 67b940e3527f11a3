// What MQTT calls a violation of the protocol and aedes' parser lets pass. A packet that breaks a rule is turned into
// one that aedes does not know, for which it ends the connection.
import type { EventEmitter } from 'node:events';
import type { Client } from 'aedes';
import { isTopicName } from '../mqtt/properties-reader.js';
import { BrokenRule } from '../mqtt/reasons.js';
import { isBadlyShared, nameWithin } from '../mqtt/shared-filter.js';
import { isReadToItsEnd, readStrictly } from './strict-reading.js';

/** A parsed packet, as far as the rules look at it. */
interface Parsed {
  cmd: string;
  readonly messageId?: number;
  readonly topic?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly protocolVersion?: number;
  reasonCode?: number;
  readonly qos?: number;
  readonly clientId?: string;
  readonly clean?: boolean;
  readonly username?: unknown;
  readonly password?: unknown;
  readonly will?: { readonly topic: string; readonly qos: number };
  readonly subscriptions?: readonly { topic: string; readonly nl?: boolean }[];
  unsubscriptions?: readonly string[];
}

type Parsing = Client & {
  readonly _parser: EventEmitter;
  readonly connecting: boolean;
  /** What the CONNECT said. */
  readonly _connectSessionExpiryInterval?: number;
  readonly maximumPacketSize?: number;
};

export interface PacketRules {
  readonly maxTopicLevels: number;
  /** Told the rule, before the connection is ended. */
  readonly violated: (rule: BrokenRule) => void;
}

const IDENTIFIER_REJECTED = Buffer.from([0x20, 2, 0, 2]);
const ONLY_A_SERVERS = new Set(['connack', 'suback', 'unsuback', 'pingresp']);
const WITH_WILL = 0x04;
/** A CONNACK with all that ours may say, and with the id that it gave. */
const MOST_CONNACK_BYTES = 23;
const GIVEN_ID_BYTES = 45;

const malformed = (rule: string): BrokenRule => new BrokenRule('malformed', rule);
const protocolError = (rule: string): BrokenRule => new BrokenRule('protocolError', rule);

export function holdToRules(client: Client, { maxTopicLevels, violated }: PacketRules): void {
  readStrictly(client);
  // Ahead of aedes' own listener, which is there already.
  (client as Parsing)._parser.prependListener('packet', (packet: Parsed) => {
    const rule = violationOf(packet, client as Parsing, maxTopicLevels);
    if (rule === undefined) return;
    violated(rule);
    // [MQTT-3.1.3-8] is the only one of 3.1.1 with an answer.
    if (packet.cmd === 'connect' && packet.clientId === '' && packet.protocolVersion !== 5)
      client.conn.write(IDENTIFIER_REJECTED);
    packet.cmd = 'violation';
  });
}

/** Gives the filters of shared subscriptions the names by which the broker knows them. Before `holdToRules`, which goes ahead. */
export function nameGroupsWithin(client: Client): void {
  (client as Parsing)._parser.prependListener('packet', (packet: Parsed) => {
    if (packet.cmd === 'subscribe')
      for (const subscription of packet.subscriptions ?? [])
        subscription.topic = nameWithin(subscription.topic);
    else if (packet.cmd === 'unsubscribe')
      packet.unsubscriptions = (packet.unsubscriptions ?? []).map(nameWithin);
  });
}

function violationOf(packet: Parsed, client: Parsing, maxTopicLevels: number): BrokenRule | undefined {
  if (!isReadToItsEnd(client, packet)) return malformed('a packet ends where its length says');
  if (ONLY_A_SERVERS.has(packet.cmd)) return protocolError(`only a server sends ${packet.cmd.toUpperCase()}`);
  if (packet.messageId === 0) return protocolError('[MQTT-2.2.1-3] a packet identifier is not 0');
  switch (packet.cmd) {
    case 'publish':
      return brokenByPublish(packet, client, maxTopicLevels);
    case 'subscribe': {
      const filters = packet.subscriptions?.map(({ topic }) => topic);
      const isShared = client.version === 5 ? brokenBySharing(packet.subscriptions ?? []) : undefined;
      return brokenByFilters(filters, client, maxTopicLevels) ?? isShared;
    }
    case 'unsubscribe':
      return brokenByFilters(packet.unsubscriptions, client, maxTopicLevels);
    case 'connect':
      return brokenByConnect(packet, client);
    case 'disconnect':
      return brokenByDisconnect(packet, client);
    case 'auth':
      return protocolError('[MQTT-4.12.0-7] there is no AUTH without an Authentication Method');
    default:
      return undefined;
  }
}

function brokenByPublish(
  { topic = '', properties = {} }: Parsed,
  { version }: Parsing,
  maxTopicLevels: number,
): BrokenRule | undefined {
  if ('subscriptionIdentifier' in properties)
    return protocolError('[MQTT-3.3.4-6] a client sends no Subscription Identifier with a message');
  if (topic === '' && (version !== 5 || properties['topicAlias'] === undefined))
    return protocolError('[MQTT-4.7.3-1] a message has a topic');
  if (/[+#]/.test(topic)) return new BrokenRule('topicName', '[MQTT-3.3.2-2] a topic has no wildcards');
  return topic.split('/', maxTopicLevels + 1).length > maxTopicLevels
    ? new BrokenRule('topicName', `a topic has ${String(maxTopicLevels)} levels at most`)
    : undefined;
}

function brokenByFilters(
  filters: readonly string[] = [],
  { maximumPacketSize = Infinity }: Parsing,
  maxTopicLevels: number,
): BrokenRule | undefined {
  if (filters.length === 0) return protocolError('[MQTT-3.8.3-2] there is at least one filter');
  // The answer has a byte for each, behind two of its header, its identifier, and its properties.
  if (filters.length + 6 > maximumPacketSize)
    return new BrokenRule(
      'implementation',
      '[MQTT-3.1.2-24] the answer would be larger than its client takes',
    );
  // aedes looks for repeated filters in a table that has a prototype.
  if (filters.length > 1 && filters.includes('__proto__'))
    return new BrokenRule('implementation', 'the filter __proto__ stands alone');
  if (!filters.every(isFilter))
    return new BrokenRule('topicFilter', '[MQTT-4.7.1-2] wildcards stand alone in their level, # last');
  return filters.some((filter) => filter.split('/', maxTopicLevels + 1).length > maxTopicLevels)
    ? new BrokenRule('topicFilter', `a filter has ${String(maxTopicLevels)} levels at most`)
    : undefined;
}

function brokenBySharing(subscriptions: NonNullable<Parsed['subscriptions']>): BrokenRule | undefined {
  if (subscriptions.some(({ topic }) => isBadlyShared(topic)))
    return protocolError('[MQTT-4.8.2-1] $share/ is followed by the name of a group and by a filter');
  return subscriptions.some(({ topic, nl }) => nl === true && topic.startsWith('$share/'))
    ? protocolError('[MQTT-3.8.3-4] No Local is not for shared subscriptions')
    : undefined;
}

function brokenByConnect(packet: Parsed, client: Parsing): BrokenRule | undefined {
  const { clientId = '', clean, username, password, will, protocolVersion, properties = {} } = packet;
  if (client.connecting || client.connected)
    return protocolError('[MQTT-3.1.0-2] a client says CONNECT once');
  const is5 = protocolVersion === 5;
  if (!is5 && clientId === '' && clean === false)
    return protocolError('[MQTT-3.1.3-8] a session needs a client id');
  if (!is5 && username === undefined && password !== undefined)
    return protocolError('[MQTT-3.1.2-22] a password needs a user name');
  const connackBytes = MOST_CONNACK_BYTES + (clientId === '' ? GIVEN_ID_BYTES : 0);
  if (is5 && Number(properties['maximumPacketSize'] ?? Infinity) < connackBytes)
    return new BrokenRule(
      'implementation',
      `[MQTT-3.1.2-24] a CONNACK has up to ${String(connackBytes)} bytes`,
    );
  return will === undefined ? undefined : brokenByWill(will);
}

function brokenByWill({ topic, qos }: NonNullable<Parsed['will']>): BrokenRule | undefined {
  if (qos > 2) return malformed('[MQTT-3.1.2-12] the QoS of a will is 0, 1 or 2');
  return isTopicName(topic)
    ? undefined
    : new BrokenRule('topicName', '[MQTT-4.7.0-1] a will topic is not empty and has no wildcards');
}

/** Of MQTT 5. Its will is forgotten only where it goes in order [MQTT-3.14.4-3]; aedes forgets it for any code but one. */
function brokenByDisconnect(packet: Parsed, client: Parsing): BrokenRule | undefined {
  const { reasonCode = 0, properties = {} } = packet;
  if (client._connectSessionExpiryInterval === 0 && Number(properties['sessionExpiryInterval'] ?? 0) > 0)
    return protocolError('MQTT 5.0 §3.14.2.2.2: a session that ends with its connection is not made to stay');
  if (reasonCode !== 0) packet.reasonCode = WITH_WILL;
  return undefined;
}

function isFilter(filter: string): boolean {
  if (filter === '') return false;
  const levels = filter.split('/');
  return levels.every((level, index) =>
    level === '#' ? index === levels.length - 1 : level === '+' || !/[+#]/.test(level),
  );
}
