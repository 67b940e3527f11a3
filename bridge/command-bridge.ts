// Command topics → the bus → reply topics. Every command is answered, exactly once, with its code.
import type { ArgumentValues, CommandSpec } from '../shared/device-type.js';
import { asGatewayError, GatewayError, type ErrorCode } from '../shared/errors.js';
import { encodeText, type ReplyMessage, type ReplyStatus, type Sender } from '../shared/messages.js';
import type { Clock, Component, Log, Message, MessageBus, Unsubscribe } from '../shared/ports.js';
import type { Value } from '../shared/sample.js';
import type { Topics } from '../shared/topics.js';
import type { AnswerSlots } from './answer-slots.js';
import { answered, type AnsweredCommand } from './answered-command.js';
import { argumentsOf } from './command-arguments.js';
import { durationOf } from './command-duration.js';
import type { CommandLedger } from './command-ledger.js';
import { idOfBadPayload, parseCommandPayload, type CommandPayload } from './command-payload.js';
import type { DeviceClient } from './device-client.js';
import type { FaultFacts } from './fault-log.js';
import { knownClient, knownCommand } from './known-command.js';
import { ONCE, type Outlet } from './outlet.js';
import { statusOf } from './reply-status.js';
import type { SafeOutputs } from './safe-outputs.js';
import { StopPatience } from './stop-patience.js';

/** A command that has not ended by then is answered with what is known; the wire is another matter. */
const DEADLINE_MS = 10_000;
/** Commands that run or wait for a bus at once, over all buses; more are answered with queue_full. */
const MOST_AT_ONCE = 256;

export interface CommandBridgeOptions {
  readonly messages: MessageBus;
  readonly outlet: Outlet;
  readonly slots: AnswerSlots;
  readonly topics: Topics;
  readonly ledger: CommandLedger;
  readonly clients: ReadonlyMap<string, DeviceClient>;
  readonly clock: Clock;
  readonly log: Log;
  /** For commands that were not run: a client can send them by the thousand. */
  readonly refusals: Log;
  /** Makes an id for a command that came without one. */
  readonly newId: () => string;
  readonly outputs: SafeOutputs;
  /** `facts` of a failure: what it said, and the bytes that were not believed. */
  readonly onOutcome: (device: string, outcome: 'ok' | ErrorCode, facts?: FaultFacts) => void;
  /** Keeps a command with its answer before the answer goes out; never rejects. */
  readonly chronicle: (command: AnsweredCommand) => Promise<void>;
}

/** A command as it came. */
interface Request {
  readonly device: string;
  readonly name: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  readonly by: Sender | undefined;
}

/** One command on its way: where it came from and since when. */
interface Arrival {
  readonly device: string;
  readonly name: string;
  readonly id: string;
  readonly startedMs: number;
  readonly by: Sender | undefined;
  /** Absent before they were checked. */
  readonly args?: Readonly<Record<string, Value>>;
}

/** A command that may run. */
interface Job {
  readonly arrival: Arrival;
  readonly client: DeviceClient;
  readonly spec: CommandSpec;
  readonly args: ArgumentValues;
  /** After so long what it set is made safe. */
  readonly forMs: number | undefined;
  /** The error to answer with when it is too late by now: it has expired, or the gateway stops. */
  readonly late: () => Error | undefined;
}

export interface CommandCounts {
  readonly received: number;
  readonly repeated: number;
  readonly byStatus: Readonly<Partial<Record<ReplyStatus, number>>>;
}

export class CommandBridge implements Component {
  readonly name = 'command bridge';
  readonly #options: CommandBridgeOptions;
  /** Taken and not yet answered. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #byStatus: Partial<Record<ReplyStatus, number>> = {};
  #admitted = 0;
  #received = 0;
  #repeated = 0;
  #stopping = false;
  #unsubscribe: Unsubscribe | undefined;
  readonly #patience: StopPatience;

  constructor(options: CommandBridgeOptions) {
    this.#options = options;
    this.#patience = new StopPatience(options.clock);
  }

  async start(): Promise<void> {
    const { messages, topics } = this.#options;
    // Before the acknowledgement: a sender who is faster than the answers is told so by the pace at which it is read.
    this.#unsubscribe = await messages.subscribeBeforeAck(topics.everyCommand, (message) =>
      this.#take(message),
    );
  }

  /** Awaits what runs, within its patience, and refuses what waits. The doors are closed by now: nothing new is taken from clients. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const unhurried = this.#patience.begin();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    unhurried();
    await this.#unsubscribe?.();
  }

  counts(): CommandCounts {
    return { received: this.#received, repeated: this.#repeated, byStatus: { ...this.#byStatus } };
  }

  /**
   * Runs a command that came another way than by its topic (HTTP). It is answered on the reply topic as well, for
   * everybody, and resolves with that answer; a repeated id resolves with the answer it already has or will have.
   */
  async execute(device: string, name: string, payload: Uint8Array, by?: Sender): Promise<ReplyMessage> {
    const release = await this.#options.slots.take(payload.length);
    return this.#tracked({ device, name, payload, retain: false, by }, release);
  }

  /** Resolves when the command will be answered for certain; rejects with queue_full when it was not even taken. */
  async #take({ topic, payload, retain, sender: by }: Message): Promise<void> {
    const place = this.#options.topics.parseCommand(topic);
    // An empty retained message only clears what was retained: there is nothing to answer.
    if (place === undefined || (retain && payload.length === 0)) return;
    const release = await this.#options.slots.take(payload.length);
    void this.#tracked({ ...place, payload, retain, by }, release);
  }

  async #tracked(request: Request, release: () => void): Promise<ReplyMessage> {
    this.#received += 1;
    const handling = this.#handle(request);
    const entry = handling.then(() => undefined);
    this.#underWay.add(entry);
    try {
      return await handling;
    } finally {
      this.#underWay.delete(entry);
      release();
    }
  }

  /** Never rejects: what goes wrong is the answer. */
  async #handle({ device, name, payload, retain, by }: Request): Promise<ReplyMessage> {
    const { newId, clock, chronicle } = this.#options;
    const startedMs = clock.monotonicMs();
    const arrival = (id: string | undefined): Arrival => ({ device, name, id: id ?? newId(), startedMs, by });
    try {
      const parsed = parseCommandPayload(payload);
      const job = this.#check(arrival(parsed.id), parsed, retain);
      this.#admitted += 1;
      return await this.#admit(job).finally(() => (this.#admitted -= 1));
    } catch (thrown) {
      const refused = arrival(idOfBadPayload(payload));
      const reply = this.#reply(refused, 'rejected', asGatewayError(thrown));
      await chronicle(answered(refused, reply));
      return this.#answer(refused, reply);
    }
  }

  /** What can be told without asking anybody. Throws GatewayError. */
  #check(arrival: Arrival, payload: CommandPayload, retain: boolean): Job {
    const { clients, clock } = this.#options;
    if (this.#stopping) throw stopping();
    if (retain) {
      throw new GatewayError('retained_command', 'A retained command is not run; publish it without retain.');
    }
    const client = knownClient(clients, arrival.device);
    const spec = knownCommand(client.device, arrival.name);
    const args = argumentsOf(spec, payload);
    const forMs = durationOf(spec, payload.for);
    if (this.#admitted >= MOST_AT_ONCE) {
      throw new GatewayError('queue_full', `${String(MOST_AT_ONCE)} commands are under way already.`);
    }
    const { expires } = payload;
    const late = (): Error | undefined => {
      if (this.#stopping) return stopping();
      return expires !== undefined && clock.now() > expires ? expired(expires) : undefined;
    };
    return { arrival: { ...arrival, args: Object.fromEntries(args) }, client, spec, args, forMs, late };
  }

  /**
   * Commands with and without an id of the sender's take the same way through the ledger: it keeps their order, and
   * a pump's stop must not overtake its start.
   */
  async #admit(job: Job): Promise<ReplyMessage> {
    const { arrival } = job;
    const { ledger, chronicle } = this.#options;
    const key = `${arrival.device}/${arrival.name}/${arrival.id}`;
    const admission = await ledger.open(key);
    if (admission.kind === 'running') {
      this.#repeated += 1;
      return JSON.parse(await admission.reply) as ReplyMessage;
    }
    if (admission.kind === 'answered') return this.#repeat(arrival, admission.reply);
    const reply =
      admission.kind === 'run' ? await this.#run(job) : this.#reply(arrival, 'failed', interrupted());
    // Side by side, so that both are in one commit.
    await Promise.all([ledger.close(key, reply), chronicle(answered(arrival, reply))]);
    return this.#answer(arrival, reply);
  }

  async #run({ arrival, client, spec, args, forMs, late }: Job): Promise<ReplyMessage> {
    const { onOutcome, outputs } = this.#options;
    const order = { id: arrival.id, ...(forMs === undefined ? {} : { forMs }) };
    let began = false;
    const refuse = (): Error | undefined => {
      const refusal = late();
      began ||= refusal === undefined;
      return refusal;
    };
    try {
      const work = outputs.command(client, spec, args, { deadlineMs: DEADLINE_MS, refuse }, order);
      await this.#patience.within(work, () => (began ? interrupted() : stopping()));
      onOutcome(arrival.device, 'ok');
      return { ...this.#reply(arrival, 'done'), data: Object.fromEntries(args) };
    } catch (thrown) {
      const error = asGatewayError(thrown);
      onOutcome(arrival.device, error.code, error);
      return this.#reply(arrival, statusOf(error), error);
    }
  }

  #reply(arrival: Arrival, status: ReplyStatus, error?: GatewayError): ReplyMessage {
    const { clock } = this.#options;
    const ms = Math.round((clock.monotonicMs() - arrival.startedMs) * 10) / 10;
    const body = error === undefined ? {} : { error: error.toBody() };
    return { id: arrival.id, status, ...body, ts: clock.now(), ms };
  }

  /** Resolves when the answer has left. */
  async #answer(arrival: Arrival, reply: ReplyMessage): Promise<ReplyMessage> {
    const { log, refusals } = this.#options;
    this.#byStatus[reply.status] = (this.#byStatus[reply.status] ?? 0) + 1;
    await this.#publish(arrival, JSON.stringify(reply));
    const facts = {
      device: arrival.device.slice(0, 64),
      command: arrival.name.slice(0, 64),
      id: reply.id,
      status: reply.status,
      ms: reply.ms,
    };
    if (reply.error === undefined) log.info(facts, 'command done');
    else {
      const ran = reply.status === 'done' || reply.status === 'failed';
      (ran ? log : refusals).warn(
        { ...facts, code: reply.error.code },
        `command ${reply.status}: ${reply.error.message}`,
      );
    }
    return reply;
  }

  async #repeat(arrival: Arrival, reply: string): Promise<ReplyMessage> {
    const { refusals } = this.#options;
    this.#repeated += 1;
    refusals.info(
      { device: arrival.device, command: arrival.name, id: arrival.id },
      'a repeated command got its stored answer',
    );
    await this.#publish(arrival, reply);
    return JSON.parse(reply) as ReplyMessage;
  }

  #publish(arrival: Arrival, reply: string): Promise<void> {
    const { outlet, topics } = this.#options;
    return outlet.sent(topics.reply(arrival.device, arrival.name), encodeText(reply), ONCE);
  }
}

function interrupted(): GatewayError {
  const message = 'The gateway ended while this command ran; whether the device acted is unknown.';
  return new GatewayError('interrupted', message);
}

function stopping(): GatewayError {
  return new GatewayError('closed', 'The gateway is stopping; the command was not run.');
}

function expired(expires: number): GatewayError {
  const at = new Date(expires);
  const when = Number.isNaN(at.getTime()) ? String(expires) : at.toISOString();
  return new GatewayError('expired', `The command expired at ${when}, before its turn on the bus.`);
}
