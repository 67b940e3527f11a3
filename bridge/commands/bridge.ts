// Command topics → the bus → reply topics. Every command is answered, exactly once, with its code.
import { idOfKey, type LeftCommand } from '../../shared/command-journal.js';
import type { ArgumentValues } from '../../shared/codec/write/spec.js';
import type { CommandSpec } from '../../shared/device-type.js';
import { asGatewayError, GatewayError, type ErrorCode } from '../../shared/errors.js';
import type { ReplyMessage, Sender } from '../../shared/messages.js';
import { Passage } from '../../shared/passage.js';
import type { Component, Message, MessageBus, Unsubscribe } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import { AnswerSlots } from '../messages/answer-slots.js';
import { argumentsOf } from './arguments.js';
import { durationOf } from './duration.js';
import { idOfBadPayload, endingBy, parseCommandPayload, type CommandPayload } from './payload.js';
import { CommandAnswers, type Answered, type AnswerCounts, type CommandAnswersOptions } from './answers.js';
import { deliveryMark, replyTo, type Arrival, type CommandRequest } from './arrival.js';
import { expired, interrupted, reusedId, stopping } from './errors.js';
import { askedText, keptText, placeOf, type KeptCommand } from './kept.js';
import { LeftCommands, type LeftCommandsOptions, type LeftCounts } from './left.js';
import type { CommandTurn, DeviceClient } from '../device/client.js';
import type { Answer } from '../device/talk/command-steps.js';
import type { FaultFacts } from '../device/fault-log.js';
import { knownClient, knownCommand } from './known.js';
import { statusOf } from '../messages/reply-status.js';
import type { SafeOutputs } from '../outputs/safe.js';
import { StopPatience } from '../outputs/stop-patience.js';

/** A command that has not ended by then is answered with what is known; the wire is another matter. */
const DEADLINE_MS = 10_000;
/** Commands that run or wait for a bus at once, over all buses; the next one is taken when one of them has ended. */
const MOST_AT_ONCE = 256;

export interface CommandBridgeOptions
  extends CommandAnswersOptions, Pick<LeftCommandsOptions, 'afterRestart' | 'withinMs' | 'now'> {
  readonly messages: MessageBus;
  readonly slots: AnswerSlots;
  readonly topics: Topics;
  readonly clients: ReadonlyMap<string, DeviceClient>;
  readonly outputs: SafeOutputs;
  /** `facts` of a failure: what it said, and the bytes that were not believed. */
  readonly onOutcome: (device: string, outcome: 'ok' | ErrorCode, facts?: FaultFacts) => void;
  readonly onRefused?: (device: string, error: GatewayError) => void;
}

/** A command that may run. */
interface Job {
  readonly arrival: Arrival;
  readonly payload: CommandPayload;
  readonly client: DeviceClient;
  readonly spec: CommandSpec;
  readonly args: ArgumentValues;
  /** After so long what it set is made safe. */
  readonly forMs: number | undefined;
  /** The error to answer with when it is too late by now: it has expired, or the gateway stops. */
  readonly late: () => Error | undefined;
  /** Where it expires: it waits no longer, and is asked again when the wire is free. */
  readonly timing: Pick<CommandTurn, 'waitMs' | 'mayExpire'>;
}

export interface CommandCounts extends AnswerCounts {
  readonly received: number;
  /** What earlier processes had taken and not answered. */
  readonly left: LeftCounts;
}

export class CommandBridge implements Component {
  readonly name = 'command bridge';
  readonly #options: CommandBridgeOptions;
  readonly #answers: CommandAnswers;
  readonly #leftBefore: LeftCommands;
  /** Taken and not yet answered. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #turns = new AnswerSlots({ unanswered: MOST_AT_ONCE });
  #received = 0;
  #stopping = false;
  #unsubscribe: Unsubscribe | undefined;
  readonly #patience: StopPatience;

  constructor(options: CommandBridgeOptions) {
    this.#options = options;
    this.#answers = new CommandAnswers(options);
    this.#patience = new StopPatience(options.clock);
    const run = (left: LeftCommand, kept: KeptCommand): void => {
      void this.#track(this.#runLeft(left, kept), () => undefined);
    };
    this.#leftBefore = new LeftCommands({ ...options, run });
  }

  async start(): Promise<void> {
    const { messages, topics, teller } = this.#options;
    await this.#leftBefore.settle();
    teller.start();
    // Before the acknowledgement: what is acknowledged is on disk, and a sender who is faster than the answers is told
    // so by the pace at which it is read.
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
    await this.#options.teller.stop();
  }

  counts(): CommandCounts {
    const left = this.#leftBefore.counts();
    return { received: this.#received, ...this.#answers.counts(), left };
  }

  /**
   * Runs a command that came another way than by its topic (HTTP). It is answered on the reply topic as well, for
   * everybody, and resolves with that answer when it is on disk; a repeated id with the answer it already has or will have.
   */
  async execute(device: string, name: string, payload: Uint8Array, by?: Sender): Promise<ReplyMessage> {
    const room = await this.#room(payload.length);
    this.#received += 1;
    const request = { device, name, payload, retain: false, by, delivery: undefined };
    const answering = this.#handle(request, () => undefined).finally(room.ended);
    // Whoever asked has its answer, be the broker there or not.
    return this.#track(answering, () => undefined).finally(room.answered);
  }

  /** Resolves when the command is on disk and so will be answered for certain; rejects with queue_full when it was not even taken. */
  async #take(message: Message): Promise<void> {
    const { topic, payload, retain, sender: by, answerTo, expiresInMs } = message;
    const place = this.#options.topics.parseCommand(topic);
    // An empty retained message only clears what was retained: there is nothing to answer.
    if (place === undefined || (retain && payload.length === 0)) return;
    const room = await this.#room(payload.length);
    this.#received += 1;
    const expires = expiresInMs === undefined ? undefined : this.#options.clock.now() + expiresInMs;
    const request = { ...place, payload, retain, by, answerTo, expires, delivery: deliveryMark(message) };
    await new Promise<void>((kept) => {
      void this.#track(this.#handle(request, kept).finally(room.ended), () => {
        kept();
        room.answered();
      });
    });
  }

  /**
   * Resolves in the order of the calls, when another command may be under way: until then it is not acknowledged. First
   * the turn: what waits for a wire must not take the places of questions that need none.
   */
  async #room(bytes: number): Promise<{ readonly ended: () => void; readonly answered: () => void }> {
    const ended = await this.#turns.take(bytes);
    try {
      return { ended, answered: await this.#options.slots.take(bytes) };
    } catch (thrown) {
      ended();
      throw thrown;
    }
  }

  /** Resolves with the answer; `left` is called when it has left, or could not. */
  #track(answering: Promise<Answered>, left: () => void): Promise<ReplyMessage> {
    const entry = answering
      .then((answer) => answer.left)
      .finally(() => {
        this.#underWay.delete(entry);
        left();
      });
    this.#underWay.add(entry);
    return answering.then(({ reply }) => reply);
  }

  /** Never rejects: what goes wrong is the answer. `kept` is called when it will be answered whatever happens. */
  async #handle(request: CommandRequest, kept: () => void): Promise<Answered> {
    const { device, name, payload, retain, by, answerTo } = request;
    const { newId, clock } = this.#options;
    const startedMs = clock.monotonicMs();
    let arrival: Arrival | undefined;
    const own = { device, name, startedMs, by, answerTo };
    const arrived = (id: string | undefined): Arrival => ({ ...own, id: id ?? newId() });
    try {
      const parsed = endingBy(parseCommandPayload(payload, clock.now()), request.expires);
      arrival = arrived(parsed.id);
      const job = this.#check(arrival, parsed, retain);
      ({ arrival } = job);
      return await this.#admit(job, request, kept);
    } catch (thrown) {
      arrival ??= arrived(idOfBadPayload(payload));
      const error = asGatewayError(thrown);
      this.#options.onRefused?.(device, error);
      return this.#answers.refuse(arrival, error, request, kept);
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
    const { expires } = payload;
    const late = (): Error | undefined => {
      if (this.#stopping) return stopping();
      return expires !== undefined && clock.now() > expires ? expired(expires) : undefined;
    };
    const checked = { ...arrival, args: Object.fromEntries(args) };
    const waitMs = Math.max(0, (expires ?? 0) - clock.now()) + 1;
    const timing = expires === undefined ? {} : { mayExpire: true, waitMs };
    return { arrival: checked, payload, client, spec, args, forMs, late, timing };
  }

  /**
   * Commands with and without an id of the sender's take the same way through the ledger: it keeps their order, and
   * a pump's stop must not overtake its start. Throws GatewayError where it is refused after all.
   */
  async #admit(job: Job, request: CommandRequest, kept: () => void): Promise<Answered> {
    const { arrival, payload, args, forMs } = job;
    const { device, name } = arrival;
    const asked = askedText(args, forMs);
    const admission = await this.#options.ledger.open({
      ...{ id: arrival.id, body: keptText(payload, args, arrival) },
      ...(request.delivery === undefined ? {} : { delivery: request.delivery }),
      meaning: { device, name, asked },
    });
    if (admission.kind === 'reused') throw reusedId(arrival.id, arrival, admission);
    // While the bus works the disk does: neither the acknowledgement nor the answer leaves before both have ended.
    const onDisk = this.#options.ledger.flushed().then(kept);
    if (admission.kind === 'running' || admission.kind === 'answered') {
      await onDisk;
      return this.#answers.repeat(arrival, admission);
    }
    const reply =
      admission.kind === 'run'
        ? await this.#run(job)
        : replyTo(arrival, this.#options.clock, 'failed', interrupted());
    await onDisk;
    return this.#answers.conclude(arrival, asked, reply);
  }

  /** One that an earlier process had taken and not begun. Never rejects. */
  async #runLeft(left: LeftCommand, kept: KeptCommand): Promise<Answered> {
    const { args = {}, by, answerTo, ...rest } = kept;
    const { clock, ledger } = this.#options;
    const { device, name, key } = left;
    const known = { device, name, id: idOfKey(key), by, args, answerTo: placeOf(answerTo) };
    const arrival: Arrival = { ...known, startedMs: clock.monotonicMs() };
    ledger.reopen(left);
    let reply: ReplyMessage;
    let ended = (): void => undefined;
    try {
      ended = await this.#turns.take(left.body.length);
      reply = await this.#run(this.#check(arrival, { ...rest, args: new Map(Object.entries(args)) }, false));
    } catch (thrown) {
      reply = replyTo(arrival, clock, 'rejected', asGatewayError(thrown));
    }
    ended();
    return this.#answers.conclude(arrival, undefined, reply);
  }

  async #run({ arrival, client, spec, args, forMs, late, timing }: Job): Promise<ReplyMessage> {
    const { onOutcome, outputs, ledger, clock } = this.#options;
    const { device, id } = arrival;
    const order = { id, ...(forMs === undefined ? {} : { forMs }) };
    const passage = new Passage(clock);
    // Where it can still be taken back it is: `late` says so whenever the wire might be its own.
    const cutOff = (): Error => (passage.isOutOfHand ? interrupted() : stopping());
    const before = async (): Promise<void> => {
      const refusal = late();
      if (refusal !== undefined) throw refusal;
      await ledger.begin(device, id);
      // Twice does harm, says its type: no power cut may forget what has reached the device.
      if (spec.idempotent === false) await ledger.flushed();
    };
    try {
      let answer: Answer = {};
      const onAnswer = (said: Answer): void => {
        answer = said;
      };
      const turn = { deadlineMs: DEADLINE_MS, refuse: late, before, passage, onAnswer, ...timing };
      const work = outputs.command(client, spec, args, turn, order);
      await this.#patience.within(work, cutOff);
      onOutcome(device, 'ok');
      return { ...replyTo(arrival, clock, 'done'), data: { ...Object.fromEntries(args), ...answer } };
    } catch (thrown) {
      const error = asGatewayError(thrown);
      onOutcome(device, error.code, error);
      return replyTo(arrival, clock, statusOf(error), error);
    }
  }
}
