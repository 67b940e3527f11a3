// In place of what MQTT.js keeps of unanswered messages: it sends those again with the next connection, however late that is.
import { Store } from 'mqtt';

export class NothingKept extends Store {
  override put(...[, done]: Parameters<Store['put']>): this {
    done();
    return this;
  }

  override del(...[packet, done]: Parameters<Store['del']>): this {
    done(undefined, packet as Parameters<typeof done>[1]);
    return this;
  }
}
