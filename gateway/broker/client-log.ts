// Tells the log what clients do and what goes wrong with one of them; none of it is an error of the gateway.
import type { EventEmitter } from 'node:events';
import type { Aedes, Client } from 'aedes';
import type { Log } from '../../shared/ports.js';
import type { BrokerCounters } from './broker-counters.js';
import type { Identities } from './identities.js';

export function reportClients(
  aedes: Aedes,
  log: Log,
  counters: BrokerCounters,
  identities: Identities,
  gone: (client: Client) => void,
): void {
  aedes.on('client', (client) => {
    log.debug(identities.factsOf(client), 'client connected');
  });
  aedes.on('clientDisconnect', (client) => {
    gone(client);
    log.debug(identities.factsOf(client), 'client disconnected');
  });
  aedes.on('clientError', (client, err) => {
    counters.clientErrors++;
    log.info({ ...identities.factsOf(client), reason: err.message }, 'client error');
  });
  aedes.on('connectionError', (client, err) => {
    counters.clientErrors++;
    const { level, text } = hintFor(err);
    log[level]({ ...identities.factsOf(client), reason: err.message }, text);
  });
  // aedes emits it for failures of its store and its periodic work; without a listener it would end the process.
  const emitter: EventEmitter = aedes;
  emitter.on('error', (err: unknown) => {
    log.error({ err }, 'the broker had an error');
  });
}

interface Hint {
  readonly level: 'info' | 'warn';
  readonly text: string;
}

function hintFor(error: Error): Hint {
  const refusedVersion = 'errorCode' in error && error.errorCode === 1;
  if (!refusedVersion) return { level: 'info', text: 'a connection failed before it was a client' };
  return {
    level: 'warn',
    text: 'refused a client that speaks another MQTT version; set it to MQTT 3.1.1 (protocol version 4)',
  };
}
