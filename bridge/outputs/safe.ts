// Outputs that end safely: after their time, at the gateway's stop, and after a crash at the next start. Keeps an `Output`
// for each that the devices' types describe, and tells it what is written to its device.
import type { ArgumentValues } from '../../shared/codec/write/spec.js';
import type { CommandSpec, Device, EndingSpec, PlannedWrite } from '../../shared/device-type.js';
import { asGatewayError, type ErrorCode, type GatewayError } from '../../shared/errors.js';
import { Passage } from '../../shared/passage.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import type { OutputMarks } from '../../shared/stores.js';
import type { Topics } from '../../shared/topics.js';
import { commandBytes } from '../../shared/codec/write/command-bytes.js';
import type { CommandTurn, DeviceClient } from '../device/client.js';
import type { FaultFacts } from '../device/fault-log.js';
import { insist } from '../device/insist.js';
import { sameBytes } from '../device/same-bytes.js';
import type { Outlet } from '../messages/outlet.js';
import { within } from '../../shared/within.js';
import { nameLeftOn } from './left-on.js';
import { departureOf } from './departure.js';
import { isAtOnePlace } from '../reload/same.js';
import { MarkKeeper, type OutputMark } from './marks.js';
import { Output, type Coming, type CommandOrder, type SafeWrite } from './life.js';
import type { OwnWrites } from './own-writes.js';

/** All devices together; below the 2 s that the supervisor gives a part to stop. */
const STOP_WITHIN_MS = 1500;

export interface SafeOutputsOptions {
  /** May change while it runs, with `leave` and `join`. */
  readonly clients: ReadonlyMap<string, DeviceClient>;
  readonly marks: OutputMarks;
  readonly ownWrites: OwnWrites;
  readonly outlet: Outlet;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Log;
  /** `facts` of a failure: what it said, and the bytes that were not believed. */
  readonly onOutcome: (device: string, outcome: 'ok' | ErrorCode, facts?: FaultFacts) => void;
}

/** What a write is told on its way. */
type Hooks = Required<Pick<CommandTurn, 'before' | 'onWriteEnd' | 'passage'>>;

export interface OutputHealth {
  /** Outputs that are not safe now. */
  readonly held: readonly OutputMark[];
  /** Those that an earlier process left on when it ended in no order. */
  readonly leftOn: readonly OutputMark[];
}

export class SafeOutputs implements Component {
  readonly name = 'safe outputs';
  readonly #options: SafeOutputsOptions;
  readonly #marks: MarkKeeper;
  /** Of each device, by the command that switches it on. */
  readonly #outputs: Map<string, ReadonlyMap<string, Output>>;
  /** Those that have left the configuration: what a command that was under way then switches on is ended at once. */
  readonly #left = new WeakSet<Output>();
  #leftOn: readonly OutputMark[] = [];
  /** Of what was switched on last. */
  #moment = 0;
  /** Monotonic; from the beginning of the stop. */
  #stopUntilMs: number | undefined;

  constructor(options: SafeOutputsOptions) {
    this.#options = options;
    this.#marks = new MarkKeeper(options.marks, options.log);
    this.#outputs = new Map([...options.clients].map(([id, client]) => [id, this.#outputsOf(client)]));
  }

  /** Names what was left on, and makes it safe as soon as its device is found. */
  async start(): Promise<void> {
    const marks = await this.#marks.load();
    this.#leftOn = marks.filter(({ stopped }) => stopped !== true);
    await Promise.all(
      marks.map((mark) => {
        const output = this.#outputs.get(mark.device)?.get(mark.command);
        if (mark.stopped !== true) nameLeftOn(mark, output?.ending, this.#options);
        return output === undefined ? this.#marks.clear(mark) : output.adopt(mark);
      }),
    );
  }

  /** Ends what has a time, and makes the on_stop writes; bounded, whatever hangs. */
  async stop(): Promise<void> {
    const { clock, clients, ownWrites, outlet } = this.#options;
    const untilMs = clock.monotonicMs() + STOP_WITHIN_MS;
    this.#stopUntilMs = untilMs;
    await Promise.all([...clients.values()].map((client) => this.#quieten(client, untilMs)));
    // Of what was written while everything is made safe.
    for (let late = this.#lastTries(); late.length > 0; late = this.#lastTries()) await Promise.all(late);
    for (const output of this.#all()) output.end();
    for (const client of clients.values()) client.presence.take('end');
    await this.#marks.settled();
    await ownWrites.settled();
    await outlet.drained();
  }

  /**
   * Before a device goes (`next` is undefined) or is described anew. Of one that goes all that the gateway's stop would do is
   * done; of one that stays, what is on and would end otherwise ends now, and all else runs on. Bounded, never rejects.
   */
  async leave(client: DeviceClient, next?: Device): Promise<void> {
    const { id } = client.device;
    const untilMs = this.#soon() + STOP_WITHIN_MS;
    const { goes, ending, staying } = departureOf(this.#outputs.get(id) ?? new Map(), client.device, next);
    for (const output of ending) this.#left.add(output);
    if (goes || ending.length > 0) await within(client.idle(), STOP_WITHIN_MS, this.#options.clock);
    if (goes) await this.#quieten(client, untilMs);
    else await Promise.all(ending.map((output) => output.endNow(untilMs)));
    // What is safe stays able to end what comes late.
    for (const output of ending) if (output.held !== undefined) output.end();
    if (goes) void client.idle().then(() => client.presence.take('end'));
    if (staying.size === 0) this.#outputs.delete(id);
    else this.#outputs.set(id, staying);
  }

  /** The device of a client that is new. What is on of it since before stays as it is. */
  join(client: DeviceClient): void {
    const { id } = client.device;
    this.#outputs.set(id, new Map([...this.#outputsOf(client), ...(this.#outputs.get(id) ?? [])]));
  }

  health(): OutputHealth {
    return { held: this.#all().flatMap(({ held }) => held ?? []), leftOn: this.#leftOn };
  }

  /** The device was identified and set up. */
  found(device: string): void {
    for (const output of this.#of(device)) output.found();
  }

  /** Runs a command of a client. What it leaves unsafe is on disk before it is on the wire. Rejects as the client does. */
  command(
    client: DeviceClient,
    spec: CommandSpec,
    args: ArgumentValues,
    turn: CommandTurn,
    order: CommandOrder,
  ): Promise<void> {
    return this.#told(client, { spec, args }, { order, passage: turn.passage }, (hooks) => {
      // Side by side, so that both are in one commit.
      const before = async (): Promise<void> => {
        await Promise.all([turn.before?.(), hooks.before()]);
      };
      const refuse = (): Error | undefined => turn.refuse() ?? client.presence.refusal('command');
      return client.command(spec, args, { ...turn, ...hooks, before, refuse });
    });
  }

  /** These bytes went to the device past all commands. */
  written(device: string, bytes: Uint8Array): void {
    this.#madeSafe(device, bytes, this.#moment);
  }

  /** A write that sets a device up: what it leaves on ends as if a client had told it so. Rejects as the write does. */
  setUp(client: DeviceClient, write: PlannedWrite, refuse: () => Error | undefined): Promise<void> {
    const forMs = write.spec.ending?.defaultMs;
    const order = { id: 'on_connect', ...(forMs === undefined ? {} : { forMs }) };
    return this.#told(client, write, { order }, (hooks) =>
      this.#options.ownWrites.run(client, write, { by: 'on_connect', refuse, hooks }),
    );
  }

  /** Runs a write and tells the outputs of its device what becomes of it. */
  async #told(
    client: DeviceClient,
    { spec, args }: Pick<PlannedWrite, 'spec' | 'args'>,
    { order, passage }: { readonly order?: CommandOrder; readonly passage?: Passage | undefined },
    run: (hooks: Hooks) => Promise<void>,
  ): Promise<void> {
    const { clock } = this.#options;
    const { id: device } = client.device;
    const bytes = commandBytes(spec, args);
    const own = this.#outputs.get(device)?.get(spec.id);
    const switched = own === undefined || sameBytes(bytes, bytesOf(own.ending)) ? undefined : own;
    const record = passage ?? new Passage(clock);
    let coming: Coming | undefined;
    let moment = 0;
    const before = async (): Promise<void> => {
      moment = this.#moment;
      if (order !== undefined) coming = switched?.expect(order);
      await coming?.noted;
    };
    const onWriteEnd = (error?: GatewayError): void => {
      if (coming === undefined) return;
      const nowMs = clock.awakeMs();
      const sinceMs = nowMs - (record.wireMs ?? nowMs);
      // Of several steps the first may have switched it on.
      if (error === undefined) switched?.written(coming, spec.steps === undefined ? 0 : sinceMs);
      else if (!error.untried) switched?.mayHaveActed(coming, sinceMs);
    };
    try {
      await run({ before, onWriteEnd, passage: record });
    } catch (thrown) {
      if (coming !== undefined) switched?.failed(coming);
      throw thrown;
    }
    this.#madeSafe(device, bytes, moment);
  }

  /** Of one that was described anew meanwhile by who asks it now. */
  async #makeSafe(first: DeviceClient, { safe }: EndingSpec, { by, of, refuse }: SafeWrite): Promise<void> {
    const { ownWrites, onOutcome, clients } = this.#options;
    const { id: device } = first.device;
    const now = clients.get(device);
    const client = now !== undefined && isAtOnePlace(now.device, first.device) ? now : first;
    const refusal = (): Error | undefined => refuse() ?? client.presence.refusal('safeWrite');
    try {
      await this.#told(client, safe, {}, (hooks) =>
        ownWrites.run(client, safe, { by, of, refuse: refusal, hooks, ...this.#deadline() }),
      );
    } catch (thrown) {
      const error = asGatewayError(thrown);
      onOutcome(device, error.code, error);
      throw thrown;
    }
    onOutcome(device, 'ok');
  }

  /** These bytes were written behind all that was switched on by that moment: what they make safe is so now. */
  #madeSafe(device: string, bytes: Uint8Array, moment: number): void {
    for (const output of this.#of(device))
      if (sameBytes(bytes, bytesOf(output.ending))) output.madeSafe(moment);
  }

  async #quieten(client: DeviceClient, untilMs: number): Promise<void> {
    const { id: device, type } = client.device;
    let failure: GatewayError | undefined;
    for (const output of this.#of(device)) failure = (await output.endNow(untilMs)) ?? failure;
    for (const write of type.onStop) failure = (await this.#writeAtStop(client, write, untilMs)) ?? failure;
    if (failure === undefined) return;
    const message = `what the device has on is not made safe before the stop, for all that is known: ${failure.message}`;
    this.#options.log.warn({ device, code: failure.code }, message);
  }

  /** Resolves with why it did not work; each try was answered and logged. */
  #writeAtStop(
    client: DeviceClient,
    write: PlannedWrite,
    untilMs: number,
  ): Promise<GatewayError | undefined> {
    const { clock, ownWrites } = this.#options;
    const refuse = (): Error | undefined => client.presence.refusal('safeWrite');
    return insist(clock, untilMs, async () => {
      try {
        await this.#told(client, write, {}, (hooks) =>
          ownWrites.run(client, write, { by: 'on_stop', refuse, hooks, ...this.#deadline() }),
        );
        return undefined;
      } catch (thrown) {
        return asGatewayError(thrown);
      }
    });
  }

  /** While the gateway stops there is no more time than that has. */
  #deadline(): { readonly deadlineMs?: number } {
    const untilMs = this.#stopUntilMs;
    return untilMs === undefined
      ? {}
      : { deadlineMs: Math.max(0, untilMs - this.#options.clock.monotonicMs()) };
  }

  #outputsOf(client: DeviceClient): ReadonlyMap<string, Output> {
    const { id: device, type } = client.device;
    const outputs = new Map<string, Output>();
    for (const { id: command, ending } of type.commands.values()) {
      if (ending === undefined) continue;
      const output: Output = new Output({
        ...{ device, command, ending },
        ...{ clock: this.#options.clock, marks: this.#marks },
        newMoment: () => (this.#moment += 1),
        makeSafe: (write) => this.#makeSafe(client, ending, write),
        stopUntilMs: () => this.#stopUntilMs ?? (this.#left.has(output) ? this.#soon() : undefined),
      });
      outputs.set(command, output);
    }
    return outputs;
  }

  #soon(): number {
    return this.#options.clock.monotonicMs() + STOP_WITHIN_MS;
  }

  #of(device: string): readonly Output[] {
    return [...(this.#outputs.get(device)?.values() ?? [])];
  }

  #all(): readonly Output[] {
    return [...this.#outputs.keys()].flatMap((device) => this.#of(device));
  }

  #lastTries(): readonly Promise<unknown>[] {
    return this.#all().flatMap(({ lastTries }) => lastTries ?? []);
  }
}

function bytesOf({ safe }: EndingSpec): Uint8Array {
  return commandBytes(safe.spec, safe.args);
}
