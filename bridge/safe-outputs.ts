// Outputs that end safely: after their time, at the gateway's stop, and after a crash at the next start.
import type { ArgumentValues, CommandSpec, EndingSpec } from '../shared/device-type.js';
import { asGatewayError, GatewayError, type ErrorCode } from '../shared/errors.js';
import type { EventMessage, Occasion } from '../shared/messages.js';
import type { Clock, Component, Log, OutputMarks } from '../shared/ports.js';
import type { Topics } from '../shared/topics.js';
import { tellsAboutDevice } from './availability.js';
import { commandBytes } from './command-bytes.js';
import type { CommandTurn, DeviceClient } from './device-client.js';
import type { FaultFacts } from './fault-log.js';
import { HeldOutput } from './held-output.js';
import { ONCE, type Outlet } from './outlet.js';
import { keyOf, MarkKeeper, type OutputMark } from './output-marks.js';
import type { OwnWrites } from './own-writes.js';
import { sameBytes } from './same-bytes.js';

/** All devices together; below the 2 s that the supervisor gives a part to stop. */
const STOP_WITHIN_MS = 1500;

export interface SafeOutputsOptions {
  readonly clients: ReadonlyMap<string, DeviceClient>;
  readonly marks: OutputMarks;
  readonly ownWrites: OwnWrites;
  readonly outlet: Outlet;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Log;
  readonly isAway: (device: string) => boolean;
  /** `facts` of a failure: what it said, and the bytes that were not believed. */
  readonly onOutcome: (device: string, outcome: 'ok' | ErrorCode, facts?: FaultFacts) => void;
}

export interface CommandOrder {
  /** Of the command. */
  readonly id: string;
  /** After so long it is made safe; undefined: it stays as it is. */
  readonly forMs?: number;
}

interface Entry {
  readonly mark: OutputMark;
  readonly ending: EndingSpec;
  readonly output: HeldOutput;
}

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
  readonly #held = new Map<string, Entry>();
  #leftOn: readonly OutputMark[] = [];

  constructor(options: SafeOutputsOptions) {
    this.#options = options;
    this.#marks = new MarkKeeper(options.marks, options.log);
  }

  /** Names what was left on, and makes it safe as soon as its device is found. */
  async start(): Promise<void> {
    const marks = await this.#marks.load();
    this.#leftOn = marks.filter(({ stopped }) => stopped !== true);
    for (const mark of marks) this.#adopt(mark);
  }

  /** Ends what has a time, and makes the on_stop writes; bounded, whatever hangs. */
  async stop(): Promise<void> {
    const { clock, clients } = this.#options;
    const untilMs = clock.monotonicMs() + STOP_WITHIN_MS;
    await Promise.all([...clients.values()].map((client) => this.#quieten(client, untilMs)));
    for (const { mark, output } of this.#held.values()) {
      output.drop();
      if (output.dueMs === undefined) void this.#marks.set({ ...mark, stopped: true });
    }
    await this.#marks.settled();
    await this.#options.ownWrites.settled();
    await this.#options.outlet.drained();
  }

  health(): OutputHealth {
    return { held: [...this.#held.values()].map(({ mark }) => mark), leftOn: this.#leftOn };
  }

  /** The device was identified and set up. */
  found(device: string): void {
    for (const { mark, output } of this.#held.values()) if (mark.device === device) output.found();
  }

  /** Runs a command of a client. What it leaves unsafe is on disk before it is on the wire. Rejects as the client does. */
  async command(
    client: DeviceClient,
    spec: CommandSpec,
    args: ArgumentValues,
    turn: CommandTurn,
    order: CommandOrder,
  ): Promise<void> {
    const { ending } = spec;
    const bytes = commandBytes(spec, args);
    if (ending === undefined || sameBytes(bytes, bytesOf(ending))) {
      await client.command(spec, args, turn);
      this.#releaseBy(client.device.id, bytes);
      return;
    }
    const mark = this.#newMark(client, spec, order);
    const before = async (): Promise<void> => {
      const late = turn.refuse();
      if (late !== undefined) throw late;
      await this.#marks.set(mark);
    };
    try {
      await client.command(spec, args, { ...turn, before });
    } catch (thrown) {
      // What may have acted is held; what never came to the wire leaves all as it was.
      if (mayHaveActed(asGatewayError(thrown))) this.#hold(client, mark, ending, order.forMs, 'earlier');
      else await this.#marks.clear(mark, this.#held.get(keyOf(mark))?.mark);
      throw thrown;
    }
    this.#hold(client, mark, ending, order.forMs, 'new');
  }

  #newMark({ device }: DeviceClient, spec: CommandSpec, { id, forMs }: CommandOrder): OutputMark {
    const since = this.#options.clock.now();
    const until = forMs === undefined ? {} : { until: since + forMs };
    return { device: device.id, command: spec.id, id, since, ...until };
  }

  /** Takes the place of what is pending for this output. `earlier`: the sooner of both ends stays. */
  #hold(
    client: DeviceClient,
    mark: OutputMark,
    ending: EndingSpec,
    forMs: number | undefined,
    end: 'new' | 'earlier',
  ): void {
    const { clock } = this.#options;
    const before = this.#held.get(keyOf(mark))?.output;
    before?.drop();
    const output = this.#keep(client, mark, ending);
    const leftMs = before?.dueMs === undefined ? undefined : Math.max(0, before.dueMs - clock.monotonicMs());
    const ends = [forMs, end === 'earlier' ? leftMs : undefined].filter((ms) => ms !== undefined);
    if (ends.length > 0) output.endIn(Math.min(...ends), 'for');
  }

  #keep(client: DeviceClient, mark: OutputMark, ending: EndingSpec): HeldOutput {
    const { clock, isAway } = this.#options;
    const output: HeldOutput = new HeldOutput({
      clock,
      isAway: () => isAway(mark.device),
      makeSafe: (by) => this.#makeSafe(client, { mark, ending, output }, by),
    });
    this.#held.set(keyOf(mark), { mark, ending, output });
    return output;
  }

  async #makeSafe(client: DeviceClient, { mark, ending, output }: Entry, by: Occasion): Promise<void> {
    const { ownWrites, onOutcome } = this.#options;
    const refuse = (): Error | undefined =>
      output.isDropped ? new GatewayError('expired', 'A newer command has come before it.') : undefined;
    const deadline = by === 'on_stop' ? { deadlineMs: STOP_WITHIN_MS } : {};
    try {
      await ownWrites.run(client, ending.safe, { by, of: mark.id, refuse, ...deadline });
    } catch (thrown) {
      const error = asGatewayError(thrown);
      onOutcome(mark.device, error.code, error);
      throw thrown;
    }
    onOutcome(mark.device, 'ok');
    this.#releaseBy(mark.device, bytesOf(ending));
  }

  /** These bytes were written: each output of the device that they make safe is so now. */
  #releaseBy(device: string, bytes: Uint8Array): void {
    for (const [key, { mark, ending, output }] of this.#held) {
      if (mark.device !== device || !sameBytes(bytes, bytesOf(ending))) continue;
      output.drop();
      this.#held.delete(key);
      void this.#marks.clear(mark);
    }
  }

  #adopt(mark: OutputMark): void {
    const { clients, clock } = this.#options;
    const client = clients.get(mark.device);
    const ending = client?.device.type.commands.get(mark.command)?.ending;
    if (mark.stopped !== true) this.#name(mark, ending);
    if (client === undefined || ending === undefined) {
      void this.#marks.clear(mark);
      return;
    }
    const output = this.#keep(client, mark, ending);
    if (mark.stopped === true) return;
    if (ending.afterCrash === 'safe') output.endIn(0, 'crash');
    else if (mark.until !== undefined) output.endIn(Math.max(0, mark.until - clock.now()), 'for');
  }

  #name(mark: OutputMark, ending: EndingSpec | undefined): void {
    const { log, outlet, topics, clock } = this.#options;
    const { device, command, id, since } = mark;
    const then =
      ending === undefined
        ? 'The configuration describes no safe write for it any more.'
        : ending.afterCrash === 'safe' || mark.until !== undefined
          ? 'It is made safe.'
          : 'It is left as it is.';
    const when = new Date(since).toISOString();
    const message = `${device}/${command} was left on by a process that ended without stopping it (command ${id} of ${when}). ${then}`;
    log.warn({ device, command, id, since }, message);
    const event: EventMessage = { type: 'output.left_on', ts: clock.now(), device, command, message };
    outlet.json(topics.event, event, ONCE);
  }

  async #quieten(client: DeviceClient, untilMs: number): Promise<void> {
    const { clock, isAway, log, ownWrites } = this.#options;
    const { id: device, type } = client.device;
    const entries = [...this.#held.values()].filter(({ mark }) => mark.device === device);
    const isConcerned = type.onStop.length > 0 || entries.some(({ output }) => output.dueMs !== undefined);
    if (isConcerned && isAway(device)) {
      log.warn({ device }, 'the device is away: what it has on is not made safe before the stop');
      return;
    }
    for (const { output } of entries) await output.endNow();
    for (const write of type.onStop) {
      const deadlineMs = Math.max(0, untilMs - clock.monotonicMs());
      try {
        await ownWrites.run(client, write, { by: 'on_stop', deadlineMs });
        this.#releaseBy(device, commandBytes(write.spec, write.args));
      } catch (thrown) {
        // It was answered and logged; the others are written all the same.
        log.debug({ device, err: thrown }, 'an on_stop write failed');
      }
    }
  }
}

function mayHaveActed({ code, untried }: GatewayError): boolean {
  return tellsAboutDevice(code) && !untried;
}

function bytesOf({ safe }: EndingSpec): Uint8Array {
  return commandBytes(safe.spec, safe.args);
}
