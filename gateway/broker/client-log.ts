// Tells the log what clients do and what goes wrong with one of them; none of it is an error of the gateway.
import type { EventEmitter } from 'node:events';
import type { Aedes, Client } from 'aedes';
import type { Log } from '../../shared/ports.js';
import type { BrokerCounters } from './broker-counters.js';
import { addressOf } from './client-address.js';

export function reportClients(
  aedes: Aedes,
  log: Log,
  counters: BrokerCounters,
  gone: (client: Client) => void,
): void {
  const factsOf = (client: Client): Record<string, unknown> => ({
    client: client.id,
    address: addressOf(client),
  });
  aedes.on('client', (client) => {
    log.debug(factsOf(client), 'client connected');
  });
  aedes.on('clientDisconnect', (client) => {
    gone(client);
    log.debug(factsOf(client), 'client disconnected');
  });
  aedes.on('clientError', (client, err) => {
    counters.clientErrors++;
    log.info({ ...factsOf(client), reason: err.message }, 'client error');
  });
  aedes.on('connectionError', (client, err) => {
    counters.clientErrors++;
    log.info({ ...factsOf(client), reason: err.message }, hintFor(err));
  });
  // aedes emits it for failures of its store and its periodic work; without a listener it would end the process.
  const emitter: EventEmitter = aedes;
  emitter.on('error', (err: unknown) => {
    log.error({ err }, 'the broker had an error');
  });
}

function hintFor(error: Error): string {
  const refusedVersion = 'errorCode' in error && error.errorCode === 1;
  return refusedVersion
    ? 'refused a client that speaks another MQTT version; set it to MQTT 3.1.1 (protocol version 4)'
    : 'a connection failed before it was a client';
}
