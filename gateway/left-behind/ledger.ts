// Keeps at the broker only what is so: clears what a device, a field or a whole name left behind when it went out of
// the configuration, also at the broker that was used before; and at the end says of every device that nobody asks it.
import { encodeJson, type AvailabilityMessage } from '../../shared/messages.js';
import type { Clock, Component, Log, MessageBus, Unsubscribe } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { RetainedTopic } from '../../bridge/messages/retained-topics.js';
import type { BrokerUrl } from '../broker/outside/link/broker-url.js';
import { defined } from '../../shared/config/defined.js';
import { within } from '../../shared/within.js';
import { clearOldPlace } from './old-place.js';
import type { KnownBoots } from '../broker/outside/rivals/known-boots.js';
import { parseStatus } from '../broker/outside/rivals/parse-status.js';
import { RetainedFile, type KeptPlace } from './file.js';
import { partsOf } from './parts.js';

export interface RetainedLedgerOptions {
  readonly bus: MessageBus;
  readonly topics: Topics;
  readonly boots: KnownBoots;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** All that is retained by the configuration of now; it may change, with `follow`. */
  readonly expected: () => readonly RetainedTopic[];
  /** Whose availability is said, now. */
  readonly devices: () => Iterable<string>;
  /** Device → its first id, for a shell that asks for what was recorded. */
  readonly formerIds?: () => Readonly<Record<string, string>> | undefined;
  /** The outside broker's; absent where it is the embedded one. */
  readonly url?: BrokerUrl;
}

const EMBEDDED = 'embedded';
const BURST = 100;
const MOST_BOOTS = 16;
const MOST_PLACES = 5;
/** A broker that was not reached for so long is no longer looked for. */
const LOOKED_FOR_MS = 30 * 24 * 3600 * 1000;
const STOP_MS = 1500;
/** Before another try at a broker that was used before. */
const PAUSES_MS = [2000, 10_000];
const NOTHING = new Uint8Array();

export class RetainedLedger implements Component {
  readonly name = 'retained topics';
  readonly #options: RetainedLedgerOptions;
  readonly #file: RetainedFile;
  #expected: ReadonlySet<string>;
  #boots: readonly string[] = [];
  #here: KeptPlace;
  /** Topic → parts that an earlier payload had. */
  #goneParts: ReadonlyMap<string, readonly string[]> = new Map();
  #others: readonly KeptPlace[] = [];
  /** At this broker, not cleared yet. */
  #gone: KeptPlace['topics'] = [];
  #stopped = false;
  #cancelPause = (): void => undefined;
  #unsubscribe: Unsubscribe | undefined;

  constructor(options: RetainedLedgerOptions) {
    const { url, topics, dataDir, log, clock } = options;
    this.#options = options;
    this.#file = new RetainedFile(dataDir, log);
    const expected = options.expected();
    this.#expected = new Set(expected.map(({ topic }) => topic));
    this.#here = {
      address: url?.address ?? EMBEDDED,
      ...(url?.username === undefined ? {} : { user: url.username }),
      statusTopic: topics.status,
      usedTs: clock.now(),
      topics: expected.map(({ topic, shape }) => [topic, shape]),
      ...formerIdsOf(options),
    };
  }

  async start(): Promise<void> {
    this.#stopped = false;
    const before = await this.#file.read();
    this.#boots = [this.#options.boots.current, ...before.boots].slice(0, MOST_BOOTS);
    this.#options.boots.remember(this.#boots);
    const isHere = (place: KeptPlace): boolean =>
      place.address === this.#here.address && place.statusTopic === this.#here.statusTopic;
    const earlier = before.places.find(isHere);
    this.#gone = this.#goneOf(earlier?.topics ?? []);
    this.#takeParts(this.#options.expected(), earlier?.parts);
    this.#others = before.places
      .filter((place) => !isHere(place) && place.address !== EMBEDDED)
      .toSorted((one, other) => other.usedTs - one.usedTs)
      .slice(0, MOST_PLACES);
    // Durable before anything is said: a kill must not forget it.
    await this.#write(false);
    if (!before.saidGoodbye && this.#options.url !== undefined) void this.#sayUnasked('was killed');
    void this.#clearHere();
    if (this.#others.length > 0) await this.#clearOthersOnceOnline();
  }

  /** The configuration has changed. Resolves when what is no longer so has gone, as far as the broker takes that. */
  async follow(): Promise<void> {
    const expected = this.#options.expected();
    const earlier = [...this.#here.topics, ...this.#gone];
    this.#expected = new Set(expected.map(({ topic }) => topic));
    this.#here = {
      ...this.#here,
      topics: expected.map(({ topic, shape }) => [topic, shape]),
      ...formerIdsOf(this.#options),
    };
    this.#gone = this.#goneOf(earlier);
    this.#takeParts(expected, this.#here.parts);
    await this.#write(false);
    await this.#clearHere();
  }

  /** Of every device that it is no longer asked. What the broker does not take within the time the will tells. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelPause();
    const said = this.#sayUnasked('was stopped').then(async (isSaid) => this.#write(isSaid));
    await within(said, STOP_MS, this.#options.clock);
    await this.#unsubscribe?.();
  }

  // ── at this broker ────────────────────────────────────────────────────────────────────────────────────

  /** What was retained and is no longer so, and what would be of another shape. */
  #goneOf(earlier: KeptPlace['topics']): KeptPlace['topics'] {
    const shapes = new Map(this.#here.topics);
    return earlier.filter(([topic, shape]) => shapes.get(topic) !== shape);
  }

  #takeParts(expected: readonly RetainedTopic[], earlier: KeptPlace['parts']): void {
    const parts = partsOf(expected, earlier);
    this.#goneParts = parts.gone;
    this.#here = { ...this.#here, ...(parts.kept === undefined ? {} : { parts: parts.kept }) };
  }

  /** Topic → parts that earlier payloads had and the one of now has not, if there is one. Known once started. */
  get goneParts(): ReadonlyMap<string, readonly string[]> {
    return this.#goneParts;
  }

  /** Never rejects. What is not cleared stays in the file, for the next start. */
  async #clearHere(): Promise<void> {
    const gone = this.#gone;
    if (gone.length === 0) return;
    // At once, before it is said anew; what is never said again may take its time.
    const reshaped = gone.filter(([topic]) => this.#expected.has(topic));
    const others = gone.filter(([topic]) => !this.#expected.has(topic));
    await this.#clear(reshaped);
    for (let from = 0; from < others.length; from += BURST)
      await this.#clear(others.slice(from, from + BURST));
    const left = this.#gone.length;
    this.#options.log.info(
      { cleared: gone.length - left, left },
      'retained topics of what left the configuration were cleared',
    );
    if (!this.#stopped) await this.#write(false);
  }

  async #clear(gone: KeptPlace['topics']): Promise<void> {
    const tries = gone.map(async (entry) => {
      await this.#options.bus.publish({ topic: entry[0], payload: NOTHING, qos: 1, retain: true });
      return entry;
    });
    const outcomes = await Promise.allSettled(tries);
    const cleared = new Set(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined)),
    );
    this.#gone = this.#gone.filter((entry) => !cleared.has(entry));
  }

  /** Resolves with whether the broker has taken all; never rejects. */
  async #sayUnasked(how: 'was stopped' | 'was killed'): Promise<boolean> {
    const { bus, clock, devices, topics } = this.#options;
    const message: AvailabilityMessage = {
      ...{ state: 'offline', since: clock.now(), reason: 'gateway_stopped' },
      message: `The gateway ${how}; nobody has asked the device since.`,
    };
    const payload = encodeJson(message);
    const said = [...devices()].map(async (device) =>
      bus.publish({ topic: topics.availability(device), payload, qos: 1, retain: true }),
    );
    const outcomes = await Promise.allSettled(said);
    return outcomes.every(({ status }) => status === 'fulfilled');
  }

  async #write(saidGoodbye: boolean): Promise<void> {
    const here = { ...this.#here, topics: [...this.#here.topics, ...this.#gone] };
    await this.#file.write({ boots: [...this.#boots], saidGoodbye, places: [here, ...this.#others] });
  }

  // ── where it was before ───────────────────────────────────────────────────────────────────────────────

  /** Only then the status at an old place tells whether that is this very broker under another address. */
  async #clearOthersOnceOnline(): Promise<void> {
    const { bus, topics, boots, log } = this.#options;
    let begun = false;
    try {
      this.#unsubscribe = await bus.subscribe(topics.status, 1, ({ payload }) => {
        if (begun || parseStatus(payload)?.boot !== boots.current) return;
        begun = true;
        void this.#clearOthers();
      });
    } catch (err) {
      log.warn({ err }, 'what was retained at another broker stays there: the own status cannot be read');
    }
  }

  /** Never rejects. */
  async #clearOthers(): Promise<void> {
    for (const place of this.#others) {
      const isDone = await this.#cleared(place);
      if (this.#stopped) return;
      if (!isDone) continue;
      this.#others = this.#others.filter((other) => other !== place);
      await this.#write(false);
    }
  }

  /** Whether nothing more is to be done there. Never rejects. */
  async #cleared(place: KeptPlace): Promise<boolean> {
    const { log, clock } = this.#options;
    const facts = { broker: place.address, status: place.statusTopic, topics: place.topics.length };
    let why: unknown;
    for (const pauseMs of [...PAUSES_MS, undefined]) {
      try {
        const { topics, isAnothers } = await clearOldPlace(
          place,
          { ...this.#options, expected: this.#expected },
          clock,
        );
        if (isAnothers)
          log.info(facts, 'another gateway has the place that this one had: nothing is cleared there');
        else
          log.info({ ...facts, cleared: topics }, 'what was retained at the place used before was cleared');
        return true;
      } catch (err) {
        why = err;
      }
      if (pauseMs === undefined || this.#stopped) break;
      await this.#pause(pauseMs);
    }
    if (this.#stopped) return false;
    const isOver = clock.now() - place.usedTs > LOOKED_FOR_MS;
    const next = isOver ? 'it is not looked for any more' : 'the next start tries again';
    const sentence = `what this gateway retained at ${place.address} (${place.statusTopic} and the topics beside it) stays there`;
    log.warn({ ...facts, err: why }, `${sentence}: the broker is not reached or refuses; ${next}`);
    return isOver;
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#cancelPause = () => {
        cancel();
        resolve();
      };
    });
  }
}

function formerIdsOf({ formerIds }: RetainedLedgerOptions): Pick<KeptPlace, 'formerIds'> {
  return defined({ formerIds: formerIds?.() });
}
