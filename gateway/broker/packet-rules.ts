// What MQTT 3.1.1 calls a violation of the protocol and aedes' parser lets pass. A packet that breaks a rule is turned into
// one that aedes does not know, for which it ends the connection.
import type { EventEmitter } from 'node:events';
import type { Client } from 'aedes';

/** A parsed packet, as far as the rules look at it. */
interface Parsed {
  cmd: string;
  readonly messageId?: number;
  readonly topic?: string;
  readonly qos?: number;
  readonly clientId?: string;
  readonly clean?: boolean;
  readonly username?: unknown;
  readonly password?: unknown;
  readonly will?: { readonly topic: string; readonly qos: number };
  readonly subscriptions?: readonly { readonly topic: string }[];
  readonly unsubscriptions?: readonly string[];
}

type Parsing = Client & { readonly _parser: EventEmitter };

const IDENTIFIER_REJECTED = Buffer.from([0x20, 2, 0, 2]);

/** `violated` is told the rule in words, before the connection is ended. */
export function holdToRules(client: Client, violated: (rule: string) => void): void {
  // Ahead of aedes' own listener, which is there already.
  (client as Parsing)._parser.prependListener('packet', (packet: Parsed) => {
    const rule = violationOf(packet);
    if (rule === undefined) return;
    violated(rule);
    // [MQTT-3.1.3-8] is the only one with an answer.
    if (packet.cmd === 'connect' && packet.clientId === '') client.conn.write(IDENTIFIER_REJECTED);
    packet.cmd = 'violation';
  });
}

function violationOf(packet: Parsed): string | undefined {
  switch (packet.cmd) {
    case 'publish':
      return brokenByPublish(packet);
    case 'subscribe':
      return brokenByFilters(
        packet.messageId,
        packet.subscriptions?.map(({ topic }) => topic),
      );
    case 'unsubscribe':
      return brokenByFilters(packet.messageId, packet.unsubscriptions);
    case 'connect':
      return brokenByConnect(packet);
    default:
      return undefined;
  }
}

function brokenByPublish({ topic = '', qos = 0, messageId }: Parsed): string | undefined {
  if (!isText(topic)) return '[MQTT-1.5.3-1] a topic is UTF-8 without U+0000';
  return qos > 0 && messageId === 0 ? '[MQTT-2.3.1-1] a packet identifier is not 0' : undefined;
}

function brokenByFilters(messageId: number | undefined, filters: readonly string[] = []): string | undefined {
  if (messageId === 0) return '[MQTT-2.3.1-1] a packet identifier is not 0';
  if (filters.length === 0) return '[MQTT-3.10.3-2] there is at least one filter';
  return filters.every(isFilter) ? undefined : '[MQTT-4.7.1-2] wildcards stand alone in their level, # last';
}

function brokenByConnect({ clientId, clean, username, password, will }: Parsed): string | undefined {
  if (clientId === '' && clean === false) return '[MQTT-3.1.3-8] a session needs a client id';
  if (clientId !== undefined && !isText(clientId))
    return '[MQTT-1.5.3-1] a client id is UTF-8 without U+0000';
  if (typeof username === 'string' && !isText(username))
    return '[MQTT-3.1.3-11] a user name is UTF-8 without U+0000';
  const lonely = username === undefined && password !== undefined;
  if (lonely) return '[MQTT-3.1.2-22] a password needs a user name';
  return will === undefined ? undefined : brokenByWill(will);
}

function brokenByWill({ topic, qos }: NonNullable<Parsed['will']>): string | undefined {
  if (qos > 2) return '[MQTT-3.1.2-14] the QoS of a will is 0, 1 or 2';
  if (!isText(topic)) return '[MQTT-3.1.3-10] a will topic is UTF-8 without U+0000';
  const isTopic = topic !== '' && !/[+#]/.test(topic);
  return isTopic ? undefined : '[MQTT-4.7.1-1] a will topic is not empty and has no wildcards';
}

/** Node turns bytes that are not UTF-8 into U+FFFD; who sends that character itself is refused as well. */
function isText(text: string): boolean {
  return !/[\0\uFFFD]/.test(text);
}

function isFilter(filter: string): boolean {
  if (filter === '' || !isText(filter)) return false;
  const levels = filter.split('/');
  return levels.every((level, index) =>
    level === '#' ? index === levels.length - 1 : level === '+' || !/[+#]/.test(level),
  );
}
