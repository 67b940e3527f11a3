// What the gateway needs of its broker, embedded or outside.
import type { Component, MessageBus } from '../../shared/ports.js';

export interface Broker extends Component {
  readonly bus: MessageBus;
  /**
   * Opens last and closes first: nobody from outside is let in before everything that must hear a message listens,
   * and replies still go out while it is closed.
   */
  readonly door: Component;
  /** For the health topic. */
  stats(): object;
}
