// The broker's numbers under Mosquitto's names below `$SYS/broker/`, as plain text (mosquitto(8), "Broker status").
import type { BrokerStats } from './stats.js';
import { WINDOWS, type Load } from './load-averages.js';

/** By the rest of the topic. */
export function sysValues(stats: BrokerStats): Map<string, string> {
  const values = new Map<string, string>([['uptime', `${String(stats.uptimeS)} seconds`]]);
  for (const [name, value] of Object.entries(numbersOf(stats))) values.set(name, String(value));
  for (const [name, load] of Object.entries<Load>(stats.perMinute))
    for (const window of Object.keys(WINDOWS) as (keyof Load)[])
      values.set(`load/${name}/${window}`, load[window].toFixed(2));
  return values;
}

function numbersOf(stats: BrokerStats): Readonly<Record<string, number>> {
  return {
    'clients/connected': stats.clients,
    'clients/disconnected': stats.clientsAway,
    'clients/total': stats.clients + stats.clientsAway,
    'clients/maximum': stats.mostClients,
    'clients/expired': stats.expiredSessions,
    'messages/received': stats.packetsIn,
    'messages/sent': stats.packetsOut,
    'messages/stored': stats.stored,
    'publish/messages/received': stats.publishesIn,
    'publish/messages/sent': stats.messagesOut,
    'publish/messages/dropped': stats.droppedQueued,
    'publish/bytes/received': stats.publishBytesIn,
    'publish/bytes/sent': stats.publishBytesOut,
    'bytes/received': stats.bytesIn,
    'bytes/sent': stats.bytesOut,
    'subscriptions/count': stats.subscriptions,
    'retained messages/count': stats.retained,
    'store/messages/count': stats.stored,
    'store/messages/bytes': stats.storedBytes,
  };
}
