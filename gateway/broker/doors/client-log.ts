// Tells the log what clients do and what goes wrong with one of them; none of it is an error of the gateway.
import type { EventEmitter } from 'node:events';
import type { Aedes, Client } from 'aedes';
import type { Clock, Log } from '../../../shared/ports.js';
import type { RepeatedLines } from '../../logging/repeated-lines.js';
import type { BrokerCounters } from '../counters/counters.js';
import type { Breach } from './unread-guard.js';
import type { Identities } from './identities.js';
import { TOO_MANY_HALF_DONE } from '../sessions/inbound-window.js';
import { isTakenOver } from '../mqtt/aedes-client.js';
import { Takeovers } from './takeovers.js';
import { BrokenRule, type Reason } from '../mqtt/reasons.js';
import { sayLast } from './last-word.js';

export interface ClientLogParts {
  readonly log: Log;
  readonly lines: RepeatedLines;
  readonly counters: BrokerCounters;
  readonly identities: Identities;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Whose end has its line in the log: what aedes says of it afterwards is no news. */
const told = new WeakSet<Client>();

export function reportClients(
  aedes: Aedes,
  { log, lines, counters, identities, clock }: ClientLogParts,
  gone: (client: Client) => void,
): void {
  const takeovers = new Takeovers(clock, lines);
  aedes.on('client', (client) => {
    log.debug({ ...identities.factsOf(client), mqttVersion: client.version }, 'client connected');
  });
  aedes.on('clientDisconnect', (client) => {
    gone(client);
    if (isTakenOver(aedes, client.id)) takeovers.note(identities.factsOf(client));
    log.debug(identities.factsOf(client), 'client disconnected');
  });
  aedes.on('clientError', (client, err) => {
    counters.clientErrors++;
    if (told.has(client)) return;
    if ((client as Client & { readonly errored: boolean }).errored) told.add(client);
    const facts = identities.factsOf(client);
    lines.say('info', facts.address, { ...facts, reason: err.message }, 'client error', err.message);
  });
  aedes.on('connectionError', (client, err) => {
    counters.clientErrors++;
    if (told.has(client)) return;
    const facts = { ...identities.factsOf(client), reason: err.message };
    const cause = `early ${err.message}`;
    lines.say('info', facts.address, facts, 'a connection failed before it was a client', cause);
  });
  // aedes emits it for failures of its store and its periodic work; without a listener it would end the process.
  const emitter: EventEmitter = aedes;
  emitter.on('error', (err: unknown) => {
    log.error({ err }, 'the broker had an error');
  });
}

/** Says why the gateway ends a connection of itself. */
export function reportEnds(
  client: Client,
  { lines, counters, identities }: Pick<ClientLogParts, 'lines' | 'counters' | 'identities'>,
): { readonly breached: (breach: Breach) => void; readonly violated: (rule: BrokenRule) => void } {
  const violated = ({ reason, message: rule }: BrokenRule): void => {
    sayLast(client, reason);
    told.add(client);
    const facts = identities.factsOf(client);
    lines.say(
      'info',
      facts.address,
      { ...facts, rule },
      'ended a connection that broke a rule of MQTT',
      rule,
    );
  };
  // Ahead of aedes, which ends the connection.
  client.prependListener('error', (err: Error) => {
    if (err instanceof BrokenRule) violated(err);
    else sayLast(client, reasonOf(err));
  });
  return {
    violated,
    breached: (breach) => {
      if (breach !== 'not_reading')
        sayLast(client, breach === 'packet_too_large' ? 'packetTooLarge' : 'malformed');
      counters.breached++;
      const facts = identities.factsOf(client);
      lines.say('info', facts.address, { ...facts, breach }, 'ended a connection over its limits', breach);
    },
  };
}

/** By what aedes and its parser call it (2.0.0-beta.1); anything else is a packet that cannot be read. */
const REASONS: Readonly<Record<string, Reason>> = {
  ...{ 'keep alive timeout': 'keepAlive', 'not taken': 'quota', [TOO_MANY_HALF_DONE]: 'receiveMaximum' },
  'Invalid protocol version': 'protocolVersion',
  'Invalid subscribe QoS, must be <= 2': 'protocolError',
  'Invalid retain handling, must be <= 2': 'protocolError',
  'Invalid auth reason code': 'protocolError',
};

function reasonOf({ message }: Error): Reason {
  return REASONS[message] ?? 'malformed';
}
