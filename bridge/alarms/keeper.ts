// The alarms of a running gateway: what the poller hears comes here, and what has changed is kept, said on its topics and told
// to whoever wants to know. It waits for nobody: broker, store and network may be away.
import { z } from 'zod';
import { SEVERITIES } from '../../shared/alarms/spec.js';
import { defined } from '../../shared/config/defined.js';
import type { Device } from '../../shared/device-type.js';
import { GatewayError } from '../../shared/errors.js';
import type { AlarmMessage, EventMessage, Sender } from '../../shared/messages.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import type { Value } from '../../shared/sample.js';
import type { Topics } from '../../shared/topics.js';
import type { AvailabilityState } from '../device/availability.js';
import { ONCE, RETAINED, type Outlet } from '../messages/outlet.js';
import { payloadOf } from '../payload/explain.js';
import type { Moment } from './alarm.js';
import { AlarmBoard, type KeptAlarm } from './board.js';
import type { AlarmNews } from './news.js';

/** Where what is raised outlives a restart. Neither of them rejects. */
export interface AlarmMemory {
  load(): Promise<readonly KeptAlarm[]>;
  /** Durable when it resolves, or said not to be. */
  save(alarms: readonly KeptAlarm[]): Promise<void>;
}

export interface AlarmKeeperOptions {
  readonly gateway: string;
  readonly devices: ReadonlyMap<string, Device>;
  readonly topics: Topics;
  readonly outlet: Outlet;
  readonly clock: Clock;
  readonly log: Log;
  readonly memory: AlarmMemory;
  /** Told of everything, in order, when it is on its way to the memory. */
  readonly onNews: (news: AlarmNews) => void;
}

export const acknowledgeRequest = z.strictObject({
  device: z.string(),
  alarm: z.string(),
  by: z.string().min(1).max(64).optional(),
  note: z.string().min(1).max(200).optional(),
});

export interface AcknowledgeAnswer {
  readonly device: string;
  readonly alarm: string;
  /** False: it is over. */
  readonly isRaised: boolean;
  /** Who said it first. */
  readonly acknowledged?: AlarmMessage['acknowledged'];
}

export const alarmsRequest = z.strictObject({ device: z.string().optional() });

export interface ListedAlarm extends AlarmMessage {
  readonly device: string;
  readonly alarm: string;
}

/** Of a health report. */
export interface AlarmHealth {
  readonly total: number;
  readonly raised: number;
  readonly unacknowledged: number;
  /** By severity, device and alarm: whether it is raised. */
  readonly states: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, boolean>>>>>>;
}

export class AlarmKeeper implements Component {
  readonly name = 'alarms';
  readonly #options: AlarmKeeperOptions;
  #board: AlarmBoard | undefined;
  #cancelTick: () => void = () => undefined;
  #saved: Promise<void> = Promise.resolve();

  constructor(options: AlarmKeeperOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { gateway, devices, memory } = this.#options;
    this.#board = new AlarmBoard(gateway, devices.values(), await memory.load(), this.#now());
    for (const { device, alarm } of this.#board.messages()) this.#say(device, alarm);
    this.#wait();
  }

  async stop(): Promise<void> {
    this.#cancelTick();
    await this.#saved;
    this.#board = undefined;
  }

  /** The configuration has changed; what is no alarm any more is forgotten. */
  follow(): void {
    if (this.#board === undefined) return;
    this.#board.follow(this.#options.devices.values(), this.#now());
    this.#saved = this.#options.memory.save(this.#board.kept());
    for (const { device, alarm } of this.#board.messages()) this.#say(device, alarm);
    this.#wait();
  }

  /** Resolves when what has changed so far is in the memory. */
  get saved(): Promise<void> {
    return this.#saved;
  }

  // ── what the poller hears ─────────────────────────────────────────────────────────────────────────────

  reading(device: string, values: Readonly<Record<string, Value>>): void {
    this.#heed((board, at) => board.reading(device, values, at));
  }

  availability(device: string, state: AvailabilityState): void {
    this.#heed((board, at) => board.availability(device, state, at));
  }

  /** A pause began or ended; `state` is what is known of the device by now. */
  pause(device: string, isPaused: boolean, state: AvailabilityState): void {
    this.#heed((board, at) => board.pause(device, isPaused, state, at));
  }

  // ── what people ask ───────────────────────────────────────────────────────────────────────────────────

  /** `{device, alarm, by?, note?}`. Who is known by a login is called so. Rejects with bad_payload, unknown_device, unknown_alarm. */
  async acknowledge(data: unknown, asker?: Sender): Promise<AcknowledgeAnswer> {
    const { device, alarm, by: named, note } = payloadOf(acknowledgeRequest, data);
    const by = asker?.user ?? named ?? asker?.client ?? 'unknown';
    const said = { by, ts: this.#options.clock.now(), ...defined({ note }) };
    const { acknowledged, news } = this.#started().acknowledge(device, alarm, said);
    if (news !== undefined) {
      this.#tell([news]);
      await this.#saved;
    }
    return { device, alarm, isRaised: acknowledged !== undefined, ...defined({ acknowledged }) };
  }

  /** `{device?}`: every alarm as its topic has it. Rejects with bad_payload. */
  list(data: unknown): Promise<{ readonly alarms: readonly ListedAlarm[] }> {
    return new Promise((resolve) => {
      const { device: only } = payloadOf(alarmsRequest, data);
      const all = this.#started().messages();
      const asked = all.filter(({ device }) => only === undefined || device === only);
      resolve({ alarms: asked.map(({ device, alarm, message }) => ({ device, alarm, ...message })) });
    });
  }

  health(): AlarmHealth {
    const all = this.#board?.messages() ?? [];
    const raised = all.filter(({ message }) => message.state === 'raised');
    const states = SEVERITIES.flatMap((severity) => {
      const of = all.filter(({ message }) => message.severity === severity);
      return of.length === 0 ? [] : [[severity, statesOf(of)] as const];
    });
    return {
      total: all.length,
      raised: raised.length,
      unacknowledged: raised.filter(({ message }) => message.acknowledged === undefined).length,
      states: Object.fromEntries(states),
    };
  }

  // ── what comes of it ──────────────────────────────────────────────────────────────────────────────────

  #heed(hear: (board: AlarmBoard, at: Moment) => readonly AlarmNews[]): void {
    if (this.#board === undefined) return;
    this.#tell(hear(this.#board, this.#now()));
    this.#wait();
  }

  #tell(news: readonly AlarmNews[]): void {
    if (news.length === 0) return;
    this.#saved = this.#options.memory.save(this.#board?.kept() ?? []);
    for (const each of news) {
      this.#say(each.device, each.alarm);
      this.#event(each);
      this.#note(each);
      this.#options.onNews(each);
    }
  }

  #say(device: string, alarm: string): void {
    const { outlet, topics } = this.#options;
    outlet.json(topics.alarm(device, alarm), this.#started().message(device, alarm), RETAINED);
  }

  #event({ what, ts, device, alarm, severity, message, value, by, note }: AlarmNews): void {
    const event: EventMessage = {
      ...{ type: `alarm.${what}`, ts, device, alarm, severity, message },
      ...(value === null ? {} : { value }),
      ...defined({ by, note }),
    };
    this.#options.outlet.json(this.#options.topics.event, event, ONCE);
  }

  #note({ what, device, alarm, severity, message, by }: AlarmNews): void {
    const facts = { device, alarm, severity, ...defined({ by }) };
    const { log } = this.#options;
    if (what === 'raised' && severity !== 'info') log.warn(facts, `alarm: ${message}`);
    else
      log.info(
        facts,
        what === 'acknowledged' ? `alarm acknowledged: ${message}` : `alarm ${what}: ${message}`,
      );
  }

  /** One timer at a time; a later time is looked up when it rings. */
  #wait(): void {
    this.#cancelTick();
    const dueMs = this.#board?.dueMs;
    if (dueMs === undefined) return;
    const { clock } = this.#options;
    this.#cancelTick = clock.after(Math.max(0, dueMs - this.#now().ms), () => {
      this.#heed((board, at) => board.tick(at));
    });
  }

  #now(): Moment {
    const { clock } = this.#options;
    return { ms: clock.awakeMs(), ts: clock.now() };
  }

  #started(): AlarmBoard {
    if (this.#board !== undefined) return this.#board;
    throw new GatewayError('closed', 'The alarms are starting or stopping.');
  }
}

function statesOf(
  all: readonly { readonly device: string; readonly alarm: string; readonly message: AlarmMessage }[],
): Record<string, Record<string, boolean>> {
  const states: Record<string, Record<string, boolean>> = {};
  for (const { device, alarm, message } of all)
    states[device] = { ...states[device], [alarm]: message.state === 'raised' };
  return states;
}
