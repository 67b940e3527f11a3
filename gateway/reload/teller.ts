// Says what became of a changed configuration: in the log, as an event (which the logbook keeps), and for the health topic.
import { ONCE, type Outlet } from '../../bridge/messages/outlet.js';
import type { Difference } from '../../bridge/reload/difference.js';
import { defined } from '../../shared/config/defined.js';
import type { GatewayError } from '../../shared/errors.js';
import type { ConfigurationChange, EventMessage } from '../../shared/messages.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import { ConfigMistakes } from '../config/mistakes.js';

/** Of each list, in what is said: an event has 4 KB at most. */
const MOST_NAMED = 12;
const MOST_IN_SENTENCE = 5;
const MOST_MISTAKES = 5;
const MOST_CHARS = 300;

export interface ReloadTellerOptions {
  readonly outlet: Pick<Outlet, 'json'>;
  readonly topics: Topics;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** `ts` and `takenTs` in epoch ms. */
export interface ConfigurationHealth {
  /** When what runs was taken up; absent as long as it is that of the start. */
  readonly takenTs?: number;
  readonly needsRestart?: readonly string[];
  readonly waiting?: readonly string[];
  /** Why the newest state of the file does not run. */
  readonly refused?: { readonly ts: number; readonly count: number; readonly mistakes: readonly string[] };
}

export class ReloadTeller {
  readonly #options: ReloadTellerOptions;
  #takenTs: number | undefined;
  #difference: Pick<Difference, 'needsRestart' | 'waiting'> | undefined;
  #refused: (NonNullable<ConfigurationHealth['refused']> & { readonly message: string }) | undefined;

  constructor(options: ReloadTellerOptions) {
    this.#options = options;
  }

  taken(difference: Difference): void {
    const { log, clock } = this.#options;
    const wasRefused = this.#refused !== undefined;
    this.#refused = undefined;
    this.#difference = difference;
    const { added, removed, changed, needsRestart, waiting } = difference;
    if (added.length + removed.length + changed.length > 0) this.#takenTs = clock.now();
    const isNews = added.length + removed.length + changed.length + needsRestart.length + waiting.length > 0;
    if (!isNews && !wasRefused) {
      log.debug({}, 'the configuration was read again, and says the same');
      return;
    }
    const message = sentenceOf(difference);
    const facts = namedOf(difference);
    if (needsRestart.length + waiting.length > 0)
      log.warn(facts, `the configuration was taken up: ${message}`);
    else log.info(facts, `the configuration was taken up: ${message}`);
    this.#say({ type: 'configuration.taken', message, difference: facts });
  }

  refused(error: GatewayError): void {
    const { log, clock } = this.#options;
    // Asked again of the same file there is nothing new to say.
    if (this.#refused?.message === error.message) return;
    const all = error instanceof ConfigMistakes ? error.mistakes : [];
    const lines = all.map(({ line, path, message }) =>
      [`line ${String(line)}`, ...(path === undefined ? [] : [path]), message].join(': '),
    );
    const mistakes = (lines.length === 0 ? [error.message] : lines)
      .slice(0, MOST_MISTAKES)
      .map((line) => line.slice(0, MOST_CHARS));
    const count = Math.max(1, all.length);
    this.#refused = { ts: clock.now(), count, mistakes, message: error.message };
    log.error(
      { code: error.code },
      `the configuration is not taken up, the one before runs on: ${error.message}`,
    );
    const more = count > mistakes.length ? `; and ${String(count - mistakes.length)} more` : '';
    const message = `The configuration is not taken up, the one before runs on: ${mistakes.join('; ')}${more}`;
    this.#say({ type: 'configuration.refused', code: error.code, message });
  }

  health(): ConfigurationHealth {
    const { needsRestart = [], waiting = [] } = this.#difference ?? {};
    const { message: _message, ...refused } = this.#refused ?? { message: '' };
    return {
      ...(this.#takenTs === undefined ? {} : { takenTs: this.#takenTs }),
      ...(needsRestart.length === 0 ? {} : { needsRestart }),
      ...(waiting.length === 0 ? {} : { waiting }),
      ...('ts' in refused ? { refused } : {}),
    };
  }

  #say(what: Omit<EventMessage, 'ts'>): void {
    const { outlet, topics, clock } = this.#options;
    const { type, ...more } = what;
    const event: EventMessage = { type, ts: clock.now(), ...more };
    outlet.json(topics.event, event, ONCE);
  }
}

/** Those lists that have something, the first of each. */
function namedOf(difference: Difference): ConfigurationChange {
  const few = (ids: readonly string[]): readonly string[] | undefined =>
    ids.length === 0 ? undefined : fewOf(ids, MOST_NAMED);
  const { added, removed, changed, needsRestart, waiting } = difference;
  return defined({
    ...{ added: few(added), removed: few(removed), changed: few(changed) },
    ...{ needsRestart: few(needsRestart), waiting: few(waiting) },
  });
}

/** `Added lamp-3. Changed tank-1, tank-2. Needs a restart: http.port.` */
function sentenceOf({ added, removed, changed, needsRestart, waiting }: Difference): string {
  const parts: readonly [string, readonly string[]][] = [
    ['Added', added],
    ['Removed', removed],
    ['Changed', changed],
    ['Needs a restart:', needsRestart],
    ['Waiting for a bus that a restart opens:', waiting],
  ];
  const said = parts.flatMap(([what, ids]) =>
    ids.length === 0 ? [] : `${what} ${fewOf(ids, MOST_IN_SENTENCE).join(', ')}.`,
  );
  return said.length === 0 ? 'It has no mistakes any more, and says what runs.' : said.join(' ');
}

function fewOf(ids: readonly string[], most: number): readonly string[] {
  return ids.length <= most ? ids : [...ids.slice(0, most), `and ${String(ids.length - most)} more`];
}
