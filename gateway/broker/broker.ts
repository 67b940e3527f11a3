// What the gateway needs of its broker, embedded or outside.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Component, MessageBus } from '../../shared/ports.js';
import type { SpokenVersions } from './spoken-versions.js';

export interface Broker extends Component {
  readonly bus: MessageBus;
  /** The same for who records: without the samples of another gateway of this name, where there can be one. */
  readonly recordable?: MessageBus;
  /**
   * Opens last and closes first: nobody from outside is let in before everything that must hear a message listens,
   * and replies still go out while it is closed.
   */
  readonly door: Component;
  /** Where clients reach it, without credentials; known once the door is open. */
  readonly url: string;
  /** Takes an MQTT client as its stream of bytes; with the request it came by, if it came over WebSocket. */
  handle(stream: Duplex, request?: IncomingMessage): void;
  /** One sentence, while it can't do what the gateway needs of it: keep something over a kill, be the gateway's alone. */
  readonly ailment: string | undefined;
  /** Of an outside one. */
  readonly versions?: SpokenVersions;
  /** For the health topic. */
  stats(): object;
}
