// The log's lines from a level on, to the log/<level> topics.
import type { Outlet } from '../../bridge/messages/outlet.js';
import { encodeText } from '../../shared/messages.js';
import type { Component } from '../../shared/ports.js';
import { LOG_LEVELS, type LogLevel, type Topics } from '../../shared/topics.js';
import type { Logger } from './logger.js';

export class LogPublisher implements Component {
  readonly name = 'log publisher';
  readonly #logger: Logger;
  readonly #outlet: Outlet;
  readonly #topics: Topics;
  readonly #threshold: number;

  /** The outlet must log to `logger.unpublished`, or a failing publish would be published. */
  constructor(logger: Logger, outlet: Outlet, topics: Topics, from: LogLevel) {
    this.#logger = logger;
    this.#outlet = outlet;
    this.#topics = topics;
    this.#threshold = LOG_LEVELS.indexOf(from);
  }

  start(): Promise<void> {
    this.#logger.onLine((level, line) => {
      if (LOG_LEVELS.indexOf(level) < this.#threshold) return;
      this.#outlet.bytes(this.#topics.log(level), encodeText(line), { qos: 0, retain: false });
    });
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#logger.onLine(undefined);
    return Promise.resolve();
  }
}
