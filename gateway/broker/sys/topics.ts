// Says the broker's numbers on `$SYS/broker/…`, every `sys_interval` as Mosquitto does (mosquitto.conf(5)): retained, and
// only what has changed.
import { Ticker } from '../../../bridge/time/ticker.js';
import type { Clock, Log, MessageBus } from '../../../shared/ports.js';
import { SYS_ROOT } from '../intake/access.js';
import type { BrokerStatistics } from './statistics.js';
import { sysValues } from './values.js';

const DEFAULT_EVERY_MS = 10_000;

export interface SysTopicsParts {
  readonly statistics: BrokerStatistics;
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly log: Log;
  readonly version?: string;
  /** 0: nothing is said, and the averages go on. Default: 10 s. */
  readonly sysIntervalMs?: number;
}

export class SysTopics {
  readonly #parts: SysTopicsParts;
  readonly #ticker: Ticker;
  readonly #isOn: boolean;
  readonly #said = new Map<string, string>();

  constructor(parts: SysTopicsParts) {
    this.#parts = parts;
    const { clock, sysIntervalMs = DEFAULT_EVERY_MS } = parts;
    this.#isOn = sysIntervalMs > 0;
    const everyMs = this.#isOn ? sysIntervalMs : DEFAULT_EVERY_MS;
    const onTick = (): void => {
      parts.statistics.updateLoads();
      this.#say();
    };
    this.#ticker = new Ticker({ clock, everyMs, phaseMs: everyMs, onTick });
  }

  /** Once the bus takes messages. */
  start(): void {
    const { statistics, version = '' } = this.#parts;
    statistics.started();
    this.#said.clear();
    if (this.#isOn) this.#publish('version', `i2c-mqtt-gateway version ${version}`);
    this.#say();
    this.#ticker.start();
  }

  stop(): void {
    this.#ticker.stop();
  }

  #say(): void {
    if (!this.#isOn) return;
    for (const [name, text] of sysValues(this.#parts.statistics.stats())) {
      if (this.#said.get(name) === text) continue;
      this.#said.set(name, text);
      this.#publish(name, text);
    }
  }

  /** QoS 0, where Mosquitto uses 2: a number that is replaced in seconds is not worth a place in the queue of an absent client. */
  #publish(name: string, text: string): void {
    const topic = `${SYS_ROOT}/${name}`;
    const { bus, log } = this.#parts;
    bus.publish({ topic, payload: Buffer.from(text), qos: 0, retain: true }).catch((err: unknown) => {
      log.debug({ err, topic }, 'a number of the broker was not said');
    });
  }
}
