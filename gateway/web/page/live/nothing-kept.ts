// In place of what MQTT.js keeps of unanswered messages: it sends those again with the next connection, however late that is.
import mqtt from 'mqtt';

export class NothingKept extends mqtt.Store {
  override put(...[, done]: Parameters<mqtt.Store['put']>): this {
    done();
    return this;
  }

  override del(...[packet, done]: Parameters<mqtt.Store['del']>): this {
    done(undefined, packet as Parameters<typeof done>[1]);
    return this;
  }
}
